// Not in the package: what a generated program's values are while it runs, and what may be done with each.

export type Value =
  | { type: 'int' | 'float' | 'string' | 'char' | 'bool' | 'unit' }
  | { type: 'array'; items: Value[] }
  | { type: 'map'; fields: Map<string, Value> };

/** A whole number below `below`, the next of a row that depends on the seed alone. */
export type Random = (below: number) => number;

export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[random(list.length)]!;
}

/** As Rhai copies what is assigned or handed over. */
export function copy(value: Value): Value {
  if (value.type === 'array') return { type: 'array', items: value.items.map(copy) };
  if (value.type !== 'map') return value;
  return { type: 'map', fields: new Map([...value.fields].map(([name, field]) => [name, copy(field)])) };
}

export const KEYS = ['n', 'name', 'list', 'inner', 'k'];

const PLAIN = ['int', 'float', 'string', 'char', 'bool', 'unit'] as const;

export function anyValue(random: Random, depth = 2): Value {
  const kind = random(depth > 0 ? 10 : 6);
  if (kind < 6) return { type: PLAIN[kind]! };
  const count = random(4);
  if (kind < 8) {
    return { type: 'array', items: Array.from({ length: count }, () => anyValue(random, depth - 1)) };
  }
  const names = KEYS.slice(0, count);
  return { type: 'map', fields: new Map(names.map((name) => [name, anyValue(random, depth - 1)])) };
}

const LITERALS: Record<(typeof PLAIN)[number], string[]> = {
  int: ['0', '1', '7', '(2 + 3)'],
  float: ['0.5', '2.5', '(1 + 0.25)'],
  string: ['"s"', '`t${1}`', '("a" + 1)', '"none"'],
  char: ["'c'", "'x'"],
  bool: ['true', 'false', '(1 < 2)'],
  unit: ['()'],
};

/** A text that makes such a value. */
export function literal(random: Random, value: Value): string {
  if (value.type === 'array') return `[${value.items.map((item) => literal(random, item)).join(', ')}]`;
  if (value.type !== 'map') return pick(random, LITERALS[value.type]);
  const fields = [...value.fields].map(
    ([name, field]) => `${pick(random, [name, `"${name}"`])}: ${literal(random, field)}`,
  );
  return `#{${fields.join(', ')}}`;
}

/** What each type can do, and some others cannot. */
const USES: Record<Value['type'], string[]> = {
  int: ['@.is_odd', '@.abs()', '@.to_float()', '@ + 1', '(@ + 1).is_even', '@.to_hex()'],
  float: ['@.floor()', '@.to_int()', '@.is_nan', '@ * 2.0', '(@ + 1).ceiling()'],
  string: ['@.to_upper()', '@.len', '@.trim()', '@.starts_with("s")', '(@ + 1).len()', '`${@.to_lower()}`'],
  char: ['@.to_upper()', '@.to_int()', "@ == 'c'", '(@ + "s").len'],
  bool: ['!@', '@ && true', 'if @ { 1 } else { 2 }', '@.to_string()'],
  unit: ['@ == ()', '@ ?? 1', '(@ ?? "none").to_upper()', '@.type_of()', '@?.anything', '@.to_string()'],
  array: [
    '@.len',
    '@.len()',
    '@.is_empty',
    '@.contains(1)',
    '@ + [1]',
    '@.map(|it| it.type_of())',
    '@.index_of(1)',
  ],
  map: ['@.len()', '@.keys()', '@.is_empty()', '@.nothing', '@["nothing"]', '"n" in @', '@.contains("n")'],
};

/** An expression that does something with what `text` stands for, as only its type allows. */
export function use(random: Random, text: string, { type }: Value): string {
  return pick(random, USES[type]).replaceAll('@', () => text);
}
