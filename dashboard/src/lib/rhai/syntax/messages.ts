// The words for what the lexer refuses, and for what other languages have and Rhai has not.
import type { LexicalError } from './scan';
import type { Token } from './token';
import type { Fix, Problem } from './tree';

const LEXICAL: Record<LexicalError['code'], string> = {
  'unterminated-string': 'This string has no end: close it with the quote it begins with.',
  'bad-escape': 'This is no escape: use \\t \\r \\n \\\\ \\" \\x41 \\u0041 or \\U00000041.',
  'bad-character-literal': 'Single quotes hold exactly one character: write a string in double quotes.',
  'bad-number': 'This is no number: it has too many digits, or none.',
  'bad-name': 'A name needs a letter before its first digit.',
  'bad-character': 'This has no meaning here: names are made of the letters a-z, digits and `_`.',
  'bad-space': 'This is not an ordinary space: replace it with one.',
  'spaced-map': 'Write `#{` without a space.',
};

export function lexicalProblem(source: string, error: LexicalError): Problem {
  const { code, from } = error;
  const to = Math.min(error.to, source.length);
  const fix = lexicalFix(source, error);
  const message = LEXICAL[code];
  return fix ? { from, to, message, code, fix } : { from, to, message, code };
}

function lexicalFix(source: string, { code, from, to }: LexicalError): Fix | undefined {
  if (code === 'bad-space') {
    const insert = source
      .slice(from, to)
      .replace(/[\u200b\ufeff]/g, '')
      .replace(/./g, ' ');
    return { title: 'Replace with a space', edits: [{ from, to, insert }] };
  }
  if (code === 'spaced-map') return { title: 'Write `#{`', edits: [{ from, to, insert: '#{' }] };
  if (code === 'bad-character-literal' && to - from > 3) {
    return {
      title: 'Use double quotes',
      edits: [
        { from, to: from + 1, insert: '"' },
        { from: to - 1, to, insert: '"' },
      ],
    };
  }
}

/** Words and signs of other languages: what is wrong, and what to write for it where one can simply be replaced. */
const FOREIGN: Record<string, [message: string, instead?: string]> = {
  '===': ['Rhai compares with `==`.', '=='],
  '!==': ['Rhai compares with `!=`.', '!='],
  ':=': ['Rhai assigns with `=`.', '='],
  '->': ['Rhai functions do not declare what they return: leave out the `->`.'],
  ':;': ['Write `::`.', '::'],
  '(*': ['Comments are written `/* ... */`.', '/*'],
  '*)': ['Comments are written `/* ... */`.', '*/'],
  '++': ['Rhai has no `++`: write `+= 1`.'],
  '--': ['Rhai has no `--`: write `-= 1`.'],
  '?': ['Rhai has no `?:`: write `if condition { a } else { b }`.'],
  '!.': ['Rhai has no `!.`: write `.`.', '.'],
  '#': ['A map begins with `#{`, a raw string with `#"`.'],
  '#!': ['Rhai scripts have no `#!` line: remove it.'],
  $: ['`$` belongs into back-tick strings: `${...}`.'],
  var: ['Variables are declared with `let`.', 'let'],
  null: ['Rhai writes `()` for nothing.', '()'],
  nil: ['Rhai writes `()` for nothing.', '()'],
  void: ['Rhai writes `()` for nothing.', '()'],
  match: ['Rhai writes `switch value { pattern => result }`.', 'switch'],
  use: ['Rhai takes in modules with `import "name" as name`.'],
  static: ['Rhai has no `static`: use `const`.', 'const'],
  async: ['Rhai has no `async`: scripts wait by themselves.'],
  await: ['Rhai has no `await`: scripts wait by themselves.'],
  new: ['Rhai has no classes: write a map, `#{...}`.'],
};

export function reservedWord(text: string): string {
  return `\`${text}\` is a word that Rhai keeps for itself: choose another name.`;
}

/** A problem's words for a word or sign that Rhai keeps for itself, or nothing. */
export function messageFor(
  source: string,
  { kind, from, to }: Token,
): { code: string; message: string; fix?: Fix } | undefined {
  if (kind !== 'symbol' && kind !== 'reserved') return undefined;
  const text = source.slice(from, to);
  const known = FOREIGN[text === '#' && source[to] === '!' ? '#!' : text];
  const message = known?.[0] ?? (kind === 'symbol' ? `Rhai has no \`${text}\`.` : reservedWord(text));
  const insert = known?.[1];
  const code = kind === 'symbol' ? 'foreign-sign' : 'reserved-word';
  if (insert === undefined) return { code, message };
  return { code, message, fix: { title: `Write \`${insert}\``, edits: [{ from, to, insert }] } };
}
