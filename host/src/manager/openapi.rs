//! The API's description, made from the handlers: OpenAPI 3.1, kept in `sdk/api/openapi.json` and served.

use axum::Json;
use axum::http::StatusCode;
use picloud_sdk::api::Error;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, Content, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Noun;

/// The document.
#[must_use]
pub fn document() -> OpenApi {
    let (_, document) = super::described().split_for_parts();
    document
}

/// The document as it is kept in the repository.
///
/// # Panics
/// Never: the document is plain data.
#[must_use]
pub fn document_pretty() -> String {
    let mut text = document().to_pretty_json().expect("the document is plain data");
    text.push('\n');
    text
}

pub(super) const NOUN: Noun = Noun {
    router: || OpenApiRouter::new().routes(routes!(describe)),
    statements: &[],
};

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "system", security(()),
    responses((status = 200, description = "OpenAPI 3.1", body = Object)))]
async fn describe() -> Json<OpenApi> {
    Json(document())
}

/// What every operation shares: who may call it, and the one shape of errors.
pub(super) fn base() -> OpenApi {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("pic_…")
        .build();
    let components = ComponentsBuilder::new()
        .security_scheme("bearer", SecurityScheme::Http(bearer))
        .schema_from::<Error>()
        .build();
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("PiCloud management API")
                .description(Some(
                    "Apps, their scripts and routes, and what ran. Errors: `docs/errors.md`.",
                ))
                .version("1"),
        )
        .components(Some(components))
        .security(Some([SecurityRequirement::new("bearer", Vec::<String>::new())]))
        .build()
}

/// What every operation has: an id of its own, `noun_verb`, and an answer for whatever goes wrong.
pub(super) fn finish(document: &mut OpenApi) {
    let mut error = Response::new("An error; `error.code` says which.");
    error.content.insert(
        "application/json".to_owned(),
        Content::new(Some(Ref::from_schema_name("Error"))).into(),
    );
    for item in document.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.patch,
            &mut item.delete,
        ];
        for operation in operations.into_iter().flatten() {
            let noun = operation.tags.iter().flatten().next().map_or("", String::as_str);
            let verb = operation.operation_id.take().unwrap_or_default();
            operation.operation_id = Some(format!("{noun}_{verb}"));
            let responses = &mut operation.responses.responses;
            for (status, response) in responses.iter_mut() {
                if let RefOr::T(response) = response
                    && response.description.is_empty()
                {
                    response.description = reason(status);
                }
            }
            responses.insert("default".to_owned(), error.clone().into());
        }
    }
}

/// The standard demands a description of every response.
fn reason(status: &str) -> String {
    let status: Option<StatusCode> = status.parse().ok();
    status
        .and_then(|status| status.canonical_reason())
        .unwrap_or_default()
        .to_owned()
}
