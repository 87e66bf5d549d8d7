//! A runner that does whatever its program says, in the place of ours: what it can see of modules, and what it can ask for.

use std::sync::Arc;

use data_encoding::{BASE64, HEXLOWER};
use picloud::orchestrator::Engine;
use picloud_executor::{Boxed, Compilation, Compile, Executor, PoolConfig};
use picloud_sdk::compile::{Artifact, Compiled, Import, Use};
use picloud_sdk::outcome::{Outcome, Reply};
use picloud_sdk::wire;
use serde_json::{Value, json};

use crate::harness::api::Api;
use crate::harness::database::TestDatabase;
use crate::harness::names::Names;

/// Operations of `hostile.wat`.
const ANSWER: u8 = 0;
const CALL: u8 = 1;
const DATA: u8 = 16;
/// Where that guest has its invocation.
const INVOCATION: u32 = 0x1_0000;
/// More than the invocation.
const SEEN_BYTES: u32 = 60_000;

/// Takes `import NAME` as an import, `run HEX` as a program, and everything else as a program of its own text.
struct Literal;

impl Compile for Literal {
    fn compile<'a>(&'a self, _: &'a str, text: &'a str) -> Boxed<'a, Compilation> {
        let mut artifact = Artifact {
            program: text.as_bytes().to_vec(),
            ..Artifact::default()
        };
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("import ") {
                artifact.imports.push(Import {
                    name: name.to_owned(),
                    alias: "m".to_owned(),
                    outermost: true,
                    line: 1,
                    column: 1,
                });
                artifact.uses.push(Use {
                    path: "m".to_owned(),
                    name: "f".to_owned(),
                    arguments: Some(0),
                    line: 1,
                    column: 1,
                });
            } else if let Some(program) = line.strip_prefix("run ") {
                artifact.program = HEXLOWER.decode(program.as_bytes()).unwrap();
            }
        }
        Box::pin(std::future::ready(Compilation::Done(Compiled::Artifact(Box::new(
            artifact,
        )))))
    }
}

fn instruction(operation: u8, a: u32, b: u32) -> Vec<u8> {
    let numbers = [a, b, 0, 0].map(u32::to_le_bytes).concat();
    [vec![operation], numbers].concat()
}

fn data(address: u32, bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap();
    [instruction(DATA, address, length), bytes.to_vec()].concat()
}

/// Replies with all that the guest was given.
fn show_everything() -> Vec<u8> {
    let reply = wire::encode(&Outcome::Replied(Reply {
        status: 200,
        headers: Vec::new(),
        body: &vec![0; SEEN_BYTES as usize],
    }));
    let head = &reply[..reply.len() - SEEN_BYTES as usize];
    let length = u32::try_from(head.len()).unwrap();
    let start = INVOCATION - length;
    [data(start, head), instruction(ANSWER, start, length + SEEN_BYTES)].concat()
}

struct World {
    api: Api,
}

impl World {
    async fn new() -> Self {
        let pool = PoolConfig {
            runs_max: 2,
            memory_bytes_max: 16 << 20,
        };
        let engine = Engine {
            runner: Arc::new(Executor::hostile(pool).unwrap()),
            compiler: Arc::new(Literal),
            guest_hash: "hostile",
            resolver: Arc::new(Names::default()),
        };
        let world = Self {
            api: Api::with(TestDatabase::sqlite().await, engine, &[]).await,
        };
        for app in ["shop", "rival"] {
            world.api.app(app).await;
            world.put(app, "m", "module", &format!("the module m of {app}")).await;
            world
                .put(app, "more", "module", &format!("another module of {app}"))
                .await;
        }
        world
    }

    async fn put(&self, app: &str, name: &str, kind: &str, source: &str) {
        let new = json!({ "kind": kind, "source": source });
        self.api
            .operator
            .put(&format!("/apps/{app}/scripts/{name}"), new)
            .await
            .expect(200);
    }

    /// Runs a program of the hostile guest as a script of `shop` that imports `m`.
    async fn run(&self, program: &[u8]) -> Value {
        let source = format!("import m\nrun {}", HEXLOWER.encode(program));
        let path = "/apps/shop/scripts/page/run";
        self.api
            .operator
            .post(path, json!({ "source": source }))
            .await
            .expect(200)
    }
}

fn seen(ran: &Value) -> String {
    let body = &ran["reply"];
    let bytes = match body["body_base64"].as_str() {
        Some(text) => BASE64.decode(text.as_bytes()).unwrap(),
        None => body["body"].as_str().expect("a reply").as_bytes().to_vec(),
    };
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn a_guest_is_given_what_it_imports_and_nothing_else() {
    let world = World::new().await;
    // Other runs of the same executor have had them all.
    world
        .put(
            "rival",
            "page",
            "endpoint",
            &format!("import m\nrun {}", HEXLOWER.encode(&show_everything())),
        )
        .await;
    let rivals = world
        .api
        .operator
        .post("/apps/rival/scripts/page/run", json!({}))
        .await
        .expect(200);
    assert!(seen(&rivals).contains("the module m of rival"));

    let seen = seen(&world.run(&show_everything()).await);
    assert!(seen.contains("the module m of shop"));
    for hidden in ["of rival", "another module"] {
        assert!(!seen.contains(hidden), "{hidden}");
    }
}

#[tokio::test]
async fn there_is_no_question_that_names_a_module() {
    let world = World::new().await;
    for name in ["m", "more", "rival/m", "rival:m", "../rival/m"] {
        for question in 0..8_u8 {
            let length = u8::try_from(name.len()).unwrap();
            let asked = [&[question, length], name.as_bytes(), &[length], name.as_bytes()].concat();
            let size = u32::try_from(asked.len()).unwrap();
            for part in [size, 2 + u32::from(length)] {
                let program = [data(0, &asked), instruction(CALL, 0, part), show_everything()].concat();
                let ran = world.run(&program).await;
                // Either it is no question at all, or one that is answered with what is the run's own.
                assert!(matches!(ran["ending"].as_str(), Some("broke" | "replied")), "{ran}");
                if ran["ending"] == "replied" {
                    let seen = seen(&ran);
                    assert!(
                        !seen.contains("of rival") && !seen.contains("another module"),
                        "{question} {name}"
                    );
                }
            }
        }
    }
}
