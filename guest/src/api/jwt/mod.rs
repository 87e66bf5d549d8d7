//! `jwt::*`: JSON Web Tokens (RFC 7519), signed (RFC 7515). Whoever verifies one names the algorithm: what a token says of
//! itself chooses nothing but among the keys of a set.

mod algorithm;
mod claims;
mod keys;
mod token;

use rhai::plugin::*;
use rhai::{Dynamic, Engine, Map};

use super::options::Options;
use super::{Fallible, blame_caller, refuse};
use algorithm::Algorithm;
use token::Token;

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("jwt", exported_module!(functions).into());
}

/// What is wrong with a token is its bearer's business: uncaught it is answered with 401.
fn not_taken<T>(code: &str, message: impl Into<String>) -> Fallible<T> {
    blame_caller(401, code, message)
}

fn verified(token: &str, key: &Dynamic, options: Map) -> Fallible<Map> {
    let mut options = Options::new("jwt::verify", options);
    let names = options.texts("alg")?;
    let typ = options.take::<ImmutableString>("typ")?;
    let checks = claims::Checks::of(&mut options)?;
    options.end()?;
    let algorithms: Vec<Algorithm> = names
        .iter()
        .map(|name| Algorithm::of_name(name))
        .collect::<Fallible<_>>()?;
    if algorithms.is_empty() {
        return refuse(
            "bad_option",
            "jwt::verify: `alg` names the algorithm, such as #{ alg: \"HS256\" }",
        );
    }
    let shares = |algorithm: &Algorithm| matches!(algorithm, Algorithm::Hmac(_));
    if !key.is_map() && algorithms.iter().any(shares) && !algorithms.iter().all(shares) {
        return refuse(
            "bad_option",
            "jwt::verify: `alg` has algorithms with a shared key and with a public one, and the key does not say which it is: \
             anybody could sign with a public one",
        );
    }
    let token = Token::read(token)?;
    let said = token.algorithm()?;
    let Some(algorithm) = algorithms.into_iter().find(|known| known.is_called(&said)) else {
        let message = format!("the token is signed with {said:?}, which is not among `alg`");
        return not_taken("bad_token", message);
    };
    if let Some(typ) = typ {
        token.check_type(&typ)?;
    }
    let key = keys::choose(key, algorithm, token.key_id()?.as_deref(), not_taken)?;
    if !algorithm.verify(&key, token.signed(), token.signature())? {
        return not_taken(
            "bad_signature",
            "the token was not signed with this key, or it was changed since",
        );
    }
    let claims = token.claims()?;
    checks.check(&claims)?;
    Ok(claims)
}

fn signed(claims: Map, key: &Dynamic, options: Map) -> Fallible<ImmutableString> {
    let mut options = Options::new("jwt::sign", options);
    let Some(name) = options.take::<ImmutableString>("alg")? else {
        return refuse(
            "bad_option",
            "jwt::sign: `alg` names the algorithm, such as #{ alg: \"HS256\" }",
        );
    };
    let algorithm = Algorithm::of_name(&name)?;
    let mut header = Map::new();
    header.insert("alg".into(), algorithm.name().into());
    let typ = options.take::<ImmutableString>("typ")?;
    header.insert("typ".into(), typ.unwrap_or_else(|| "JWT".into()).into());
    let id = options.take::<ImmutableString>("kid")?;
    if let Some(id) = id.clone() {
        header.insert("kid".into(), id.into());
    }
    let claims = claims::with_times(claims, &mut options)?;
    options.end()?;
    let text = token::unsigned(header, claims)?;
    let key = keys::choose(key, algorithm, id.as_deref(), refuse)?;
    let signature = algorithm.sign(&key, text.as_bytes())?;
    Ok(token::with_signature(text, &signature))
}

#[export_module]
mod functions {
    /// A token with these claims: `jwt::sign(#{ sub: "ann" }, key, #{ alg: "HS256", expires_in: 3600 })`. `alg` is `"HS256"`,
    /// `"HS384"`, `"HS512"` (the key a string or a blob), `"EdDSA"` or `"ES256"` (a private key, as `crypto::sign` takes
    /// them); `kid` and `typ` go into its header, and `expires_in`, in seconds, makes `iat` and `exp`. Throws `bad_key`.
    #[rhai_fn(name = "sign", return_raw)]
    pub fn sign(claims: Map, key: Dynamic, options: Map) -> Fallible<ImmutableString> {
        signed(claims, &key, options)
    }

    /// The claims of a token that was signed with this key and holds now: `jwt::verify(token, key, #{ alg: "RS256", iss:
    /// "https://id.example", aud: "shop" })`. `alg` names one algorithm or several, and has to be there; the key is one, or a
    /// map of several (JWKS). More options: `leeway` in seconds, `require` (names of claims), `typ`, `any_audience`. It throws
    /// `bad_token`, `bad_signature`, `expired`, `not_yet_valid`, `wrong_issuer`, `wrong_audience`, `missing_claim` or
    /// `no_key`, which uncaught are answered with 401; and `bad_key`.
    #[rhai_fn(name = "verify", return_raw)]
    pub fn verify(token: &str, key: Dynamic, options: Map) -> Fallible<Map> {
        verified(token, &key, options)
    }
}
