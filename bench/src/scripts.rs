//! The scripts that are measured, each as PiCloud and as native Rhai would have it.

/// A script, in both dialects: natively the body is the variable `body` and the answer a string.
pub(crate) struct Script {
    pub(crate) name: &'static str,
    pub(crate) ours: &'static str,
    pub(crate) native: &'static str,
}

pub(crate) const HELLO: Script = Script {
    name: "hello",
    ours: r#""Hello, world""#,
    native: r#""Hello, world""#,
};

pub(crate) const ORDER: Script = Script {
    name: "order",
    ours: r"
        let order = req.json();
        let total = 0.0;
        for item in order.items { total += item.price * item.count; }
        order.items.sort(|a, b| if a.price < b.price { -1 } else if a.price > b.price { 1 } else { 0 });
        #{ id: order.id, total: total, items: order.items }
    ",
    native: r"
        let order = parse_json(body);
        let total = 0.0;
        for item in order.items { total += item.price * item.count; }
        order.items.sort(|a, b| if a.price < b.price { -1 } else if a.price > b.price { 1 } else { 0 });
        #{ id: order.id, total: total, items: order.items }.to_json()
    ",
};

const FIB: &str = "fn fib(n) { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } } fib(16)";
const LOOP: &str = "let sum = 0; for i in 0..10000 { if i % 3 == 0 { sum += i; } else { sum -= 1; } } sum";
const STRINGS: &str = r#"let text = ""; for i in 0..1000 { text += `item ${i}, `; } text.to_upper().split(", ").len"#;

pub(crate) const ALL: [Script; 5] = [
    HELLO,
    ORDER,
    Script {
        name: "fib",
        ours: FIB,
        native: FIB,
    },
    Script {
        name: "loop",
        ours: LOOP,
        native: LOOP,
    },
    Script {
        name: "strings",
        ours: STRINGS,
        native: STRINGS,
    },
];

/// An order of some 1 KB with 20 items.
pub(crate) fn order() -> String {
    let item = |index: u32| {
        let price = f64::from(index * 37 % 20) + 0.5;
        serde_json::json!({ "sku": format!("A-{index:03}"), "count": index % 5 + 1, "price": price })
    };
    serde_json::json!({ "id": "o-1", "items": (0..20).map(item).collect::<Vec<_>>() }).to_string()
}
