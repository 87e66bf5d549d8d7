// What holds for any text: it has a tree, all of it is in tokens, comments or white space, and nodes are within nodes.
import { describe, expect, it } from 'vitest';

import { sources } from '../oracle/corpus';
import { parse } from './parser';
import type { Node, Tree } from './tree';
import { forEachChild, walk } from './walk';

const SPACE = /^[\s\u0085\u200b\ufeff]*$/;
const PREFIXES = 4_000;
const MUTATIONS = 100_000;
const SEED = 20_261_120;

/** What is wrong with a tree, or nothing. */
function flaw(tree: Tree): string | undefined {
  return textFlaw(tree) ?? nodeFlaw(tree) ?? errorFlaw(tree);
}

function textFlaw({ source, tokens, comments }: Tree): string | undefined {
  let at = 0;
  let comment = 0;
  for (const [index, token] of tokens.entries()) {
    const parts = [token];
    for (; comments[comment]?.before === index; comment++) parts.splice(-1, 0, comments[comment] as never);
    for (const { from, to } of parts) {
      if (from < at || to < from) return `a token at ${from} overlaps`;
      if (!SPACE.test(source.slice(at, from))) return `text at ${at} is in no token`;
      at = to;
    }
  }
  if (comment !== comments.length) return 'a comment is not before its token';
  return at === source.length ? undefined : 'the tokens end before the text';
}

function nodeFlaw({ root, tokens }: Tree): string | undefined {
  let found: string | undefined;
  walk(root, (node: Node) => {
    const { kind, from, to, first, end } = node;
    const empty = first === end;
    if (kind !== 'script') {
      if (empty ? from !== to : tokens[first]!.from !== from || tokens[end - 1]!.to !== to) {
        found = `a ${kind} at ${from} is not where its tokens are`;
      }
    }
    let last = from;
    let lastToken = first;
    forEachChild(node, (child) => {
      if (child.from < last || child.to > to || child.first < lastToken || child.end > end) {
        found = `a ${child.kind} at ${child.from} is not within its ${kind}`;
      }
      last = child.to;
      lastToken = child.end;
    });
  });
  return found;
}

function errorFlaw({ source, errors }: Tree): string | undefined {
  for (const { from, to, message, fix } of errors) {
    if (from < 0 || to < from || to > source.length) return `an error is outside of the text`;
    if (!message) return `an error at ${from} has no words`;
    if (fix?.edits.some((edit) => edit.from < 0 || edit.to < edit.from || edit.to > source.length)) {
      return `a fix at ${from} is outside of the text`;
    }
  }
}

function check(source: string): void {
  const found = flaw(parse(source));
  if (found) expect.fail(`${found}: ${JSON.stringify(source)}`);
}

/** Numbers below a limit, the same in every run. */
function random(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const PIECES = (
  '( ) [ ] { } #{ ${ ` " \' /* */ // if else fn let | || . :: , ; = => switch for in é \u00a0 😀 ? ++ === .. ..= - ! ' +
  'this 1 1. x \\ $ # "# fn␣f( return while _ ␣ ⏎'
)
  .split(' ')
  .map((piece) => piece.replace('␣', ' ').replace('⏎', '\n'));

function mutated(source: string, pick: (limit: number) => number): string {
  let text = source.slice(0, 3_000);
  for (let count = 1 + pick(4); count > 0; count--) {
    const from = pick(text.length + 1);
    const to = Math.min(text.length, from + pick(8));
    const other = pick(text.length + 1);
    const insert = [PIECES[pick(PIECES.length)]!, '', text.slice(other, other + pick(30))][pick(3)]!;
    text = text.slice(0, from) + insert + text.slice(pick(2) ? to : from);
  }
  return text;
}

describe('any text has a sound tree', () => {
  const all = sources();

  it('every beginning of every source', { timeout: 120_000 }, () => {
    for (const source of all) {
      for (let end = 0; end <= Math.min(source.length, PREFIXES); end++) check(source.slice(0, end));
    }
  });

  it('sources changed at random', { timeout: 120_000 }, () => {
    const pick = random(SEED);
    for (let count = 0; count < MUTATIONS; count++) check(mutated(all[pick(all.length)]!, pick));
  });

  const HARD =
    '( [ { #{ ${ `${ /* if␣a␣ if␣a␣{ if␣a␣{}else␣ ! - -␣ | || |x| a. a[ f( 1+ 1** a:: \' " #" let␣ fn␣f(){ ' +
    'switch␣x{ 1=>{ ? ++ a?b: return␣ x= try{ a??return␣ ) ] } , ; é x⏎ f(a␣b⏎ "\\x 1␣2␣';

  it.each(HARD.split(' ').map((piece) => piece.replace(/␣/g, ' ').replace(/⏎/g, '\n')))(
    '100,000 times `%s`, in linear time',
    (piece) => {
      const time = (count: number) => {
        const source = piece.repeat(count);
        const start = performance.now();
        const tree = parse(source);
        const spent = performance.now() - start;
        expect(nodeFlaw(tree)).toBeUndefined();
        return spent;
      };
      time(10_000);
      expect(time(100_000)).toBeLessThan(2_000);
    },
  );
});
