// Texts in back-ticks, with the code in their braces.
import { advance, deeper, error, is, isTooDeep, startOf, token, type Parser } from './parse-core';
import { block } from './parse-statements';
import type { Block, Template } from './tree';

export function template(p: Parser, level: number): Template {
  const first = p.at;
  const { from } = token(p);
  const parts: Template['parts'] = [];
  const inner = deeper(p, level);
  for (;;) {
    const at = p.at;
    const last = p.kind !== 'head' && p.kind !== 'middle';
    if (last && !is(p, 'tail')) break;
    advance(p);
    parts.push({ kind: 'text', from: p.tokens[at]!.from, to: p.to, first: at, end: p.at });
    if (last) break;
    parts.push(hole(p, inner));
  }
  if (p.tokens[p.at - 1]!.kind !== 'tail')
    error(p, 'unterminated-string', 'This string has no end: close it with a back-tick.');
  return { kind: 'template', from, to: p.to, first, end: p.at, parts };
}

/** What is in the braces of a template; after a mistake it still ends where the text goes on. */
function hole(p: Parser, level: number): Block {
  const first = p.at;
  const node = isTooDeep(level) ? null : block(p, level);
  if (p.tokens[p.at - 1]!.kind === '}' && (is(p, 'middle') || is(p, 'tail'))) if (node) return node;
  let depth = 0;
  while (!is(p, 'end')) {
    if (depth === 0 && (is(p, 'middle') || is(p, 'tail'))) break;
    if (is(p, 'head')) depth++;
    else if (is(p, 'tail')) depth--;
    advance(p);
  }
  return { kind: 'block', from: startOf(p, first), to: p.to, first, end: p.at, items: node?.items ?? [] };
}
