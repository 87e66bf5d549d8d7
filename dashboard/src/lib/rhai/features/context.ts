// What kind of words may stand at a place: a statement, a value, or the rest of something begun.
import type { Node } from '../syntax/tree';
import { pathAt } from '../syntax/walk';
import type { Analysis } from '../semantics/symbols';
import { pathAround } from './place';

export interface Context {
  /** A new statement may begin. */
  statement: boolean;
  /** A value may stand here. */
  value: boolean;
  /** A variable of this script may, though no other value. */
  variable: boolean;
  /** At the top level. */
  top: boolean;
  inLoop: boolean;
  /** In a function or closure. */
  inFunction: boolean;
  /** Words that go on with what is before, such as `else`. */
  rest: string[];
}

/** After these a name is being given, not used. */
const DECLARES = /^(let|const|fn|as|catch)$/;
const VALUE_END = /^(name|callable|int|float|char|string|tail|\)|\]|\}|\(\)|this|true|false)$/;

/** Null where nothing can be proposed. `before` is the token before `offset`. */
export function contextAt(analysis: Analysis, offset: number, before: number): Context | null {
  const { tree } = analysis;
  const { tokens, source } = tree;
  const token = tokens[before];
  const previous = token?.kind ?? ';';
  if (DECLARES.test(previous)) return null;
  if (previous === 'private') return only('fn');
  if (previous === 'export') return exported();
  if (previous === 'name' && tokens[before - 1]?.kind === 'export') return only('as');
  if (previous === 'name' && tokens[before - 1]?.kind === 'for') return only('in');
  const path = pathAround(tree, offset);
  if (path.some((node) => node.kind === 'params' && node.from < offset && offset < node.to)) return null;
  if (isName(path, offset, previous)) return null;
  const context: Context = {
    ...around(path, offset),
    statement: false,
    value: true,
    variable: false,
    rest: [],
  };
  if (previous === '}') {
    context.rest = restOf(pathAt(tree.root, token!.from), before);
    context.statement = true;
    return context;
  }
  const newLine = token && source.slice(token.to, offset).includes('\n');
  if (VALUE_END.test(previous) && token) {
    if (previous === 'string' && tokens[before - 1]?.kind === 'import') return only('as');
    // A new line after a value: most likely only the semicolon is missing.
    if (!newLine) return only('in');
    context.statement = true;
    return context;
  }
  context.statement = previous === ';' || previous === '{' || (previous === '=>' && !!token);
  return context;
}

function only(...rest: string[]): Context {
  return {
    statement: false,
    value: false,
    variable: false,
    top: false,
    inLoop: false,
    inFunction: false,
    rest,
  };
}

/** A variable of the top level, or a new one. */
function exported(): Context {
  return { ...only('let', 'const'), variable: true };
}

/** The key of a map, and the variables of `for`, are new names. */
function isName(path: Node[], offset: number, previous: string): boolean {
  if (previous === '#{' || previous === 'for') return true;
  for (let i = path.length - 1; i >= 0; i--) {
    const node = path[i]!;
    if (node.kind === 'field') return offset <= node.key.to;
    if (node.kind === 'map') return previous === ',';
    if (node.kind === 'block' || node.kind === 'args' || node.kind === 'array') return false;
  }
  return false;
}

function around(path: Node[], offset: number): Pick<Context, 'top' | 'inLoop' | 'inFunction'> {
  let top = true;
  let inLoop = false;
  let inFunction = false;
  for (const node of path) {
    // Right at its end one is outside.
    if (node.kind !== 'script' && offset <= node.from) continue;
    if (node.kind === 'block' || node.kind === 'arm') top = false;
    if (/^(while|loop|do|for)$/.test(node.kind)) inLoop = true;
    if (node.kind === 'closure' || node.kind === 'fn') {
      inFunction = true;
      inLoop = false;
    }
  }
  return { top, inLoop, inFunction };
}

/** How what ends with the brace before may go on. */
function restOf(path: Node[], before: number): string[] {
  for (const node of path) {
    if (node.kind === 'if' && !node.otherwise && node.body.end === before + 1) return ['else'];
    if (node.kind === 'try' && node.body.end === before + 1) return ['catch'];
    if (node.kind === 'do' && node.body.end === before + 1) return ['while', 'until'];
  }
  return [];
}
