// How much it matters what a lint has found: one truth with the server.

export type Severity = 'error' | 'warning' | 'info' | 'hint';

/**
 * - `refused`: a save refuses it, as it refuses all that the parser reports: an error
 * - `fails`: what runs into it fails, but a save takes it, and so does `picloud check`, which warns: a warning. Inside a
 *   `try` it may be there to fail, which is worth a remark.
 * - `doubtful`: it runs, and hardly does what was meant
 * - `remark`: nothing that a run would notice
 * - `idle`: it can go; editors show it faded
 */
export type Weight = 'refused' | 'fails' | 'doubtful' | 'remark' | 'idle';

const WEIGHTS = {
  'bad-module-name': 'refused',
  'unknown-module': 'refused',
  'module-statement': 'refused',
  eval: 'refused',
  'constant-assignment': 'fails',
  'constant-property': 'fails',
  'unknown-variable': 'fails',
  'outer-variable': 'fails',
  'unknown-function': 'fails',
  'unknown-member': 'fails',
  'not-imported': 'fails',
  'not-exported': 'fails',
  'wrong-arity': 'fails',
  'wrong-type': 'fails',
  'closure-call': 'fails',
  'captured-loop-variable': 'doubtful',
  'doc-comment': 'remark',
  unreachable: 'idle',
  'never-read': 'idle',
  'unused-variable': 'idle',
  'unused-constant': 'idle',
  'unused-parameter': 'idle',
  'unused-loop': 'idle',
  'unused-catch': 'idle',
  'unused-import': 'idle',
  'unused-function': 'idle',
} as const satisfies Record<string, Weight>;

/** What a lint calls what it has found. */
export type Code = keyof typeof WEIGHTS;

export const weightOf = (code: Code): Weight => WEIGHTS[code];

/** `tried`: inside of a `try`. */
export function severityOf(code: Code, tried: boolean): Severity {
  const severities: Record<Weight, Severity> = {
    refused: 'error',
    fails: tried ? 'info' : 'warning',
    doubtful: 'warning',
    remark: 'info',
    idle: 'hint',
  };
  return severities[WEIGHTS[code]];
}
