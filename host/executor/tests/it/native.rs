//! Native Rhai, which walks the syntax tree: what the guests are compared with.

use rhai::{Dynamic, Engine, OptimizationLevel};
use serde_json::Value;

/// The language as the guests have it, without our API.
pub(crate) fn engine() -> Engine {
    let mut engine = Engine::new();
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_max_expr_depths(128, 128);
    engine
}

/// A value as our replies write it.
pub(crate) fn json(value: &Dynamic) -> Value {
    if let Ok(array) = value.as_array_ref() {
        return array.iter().map(json).collect();
    }
    if let Ok(map) = value.as_map_ref() {
        return map.iter().map(|(key, value)| (key.to_string(), json(value))).collect();
    }
    if let Ok(blob) = value.as_blob_ref() {
        return blob.iter().copied().map(Value::from).collect();
    }
    if let Ok(number) = value.as_int() {
        return number.into();
    }
    if let Ok(number) = value.as_float() {
        return number.into();
    }
    if let Ok(flag) = value.as_bool() {
        return flag.into();
    }
    if value.is_unit() {
        return Value::Null;
    }
    value.to_string().into()
}
