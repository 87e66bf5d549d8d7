// Numbers in s-expressions: integers beyond 2^53 keep their digits in JSON, floats look as Rust prints them.

export type SExpression = string | number | boolean | null | bigint | SExpression[];

/** An integer as it goes into JSON, or a float as Rust prints it. */
export function numberExpression(text: string, type: 'int' | 'float' = 'int'): bigint | string {
  return type === 'int' ? BigInt(text) : rustFloat(Number(text));
}

/** What Rhai's parser makes of a sign before a number; null when the operand is none. */
export function isSymbolicNumber(operand: SExpression, sign: '-' | '+'): SExpression | null {
  if (!Array.isArray(operand)) return null;
  const [type, number] = operand;
  if (type === 'float') return sign === '+' ? operand : ['float', rustFloat(-Number(number))];
  if (type !== 'int') return null;
  if (sign === '+') return operand;
  const negated = -(number as bigint);
  return negated > 0x7fffffffffffffffn ? ['float', rustFloat(Number(negated))] : ['int', negated];
}

/** A float as Rust's `{:?}` writes it. */
function rustFloat(value: number): string {
  if (!Number.isFinite(value)) return value !== value ? 'NaN' : value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) return value.toExponential().replace('e+', 'e');
  const text = String(value);
  return text.includes('.') ? text : text + '.0';
}

/** JSON with integers of any size, which JavaScript's own refuses to write. */
export function stringify(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(stringify).join()}]`;
  if (!value || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${stringify(field)}`).join()}}`;
}
