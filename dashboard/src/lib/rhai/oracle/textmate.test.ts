// The grammar for other editors, sdk/editors/rhai.tmLanguage.json: it names what our own lexer finds.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { beforeAll, describe, expect, it } from 'vitest';
import oniguruma from 'vscode-oniguruma';
import textmate from 'vscode-textmate';
import type { IGrammar } from 'vscode-textmate';

import { lex } from '../syntax/lexer';
import { parse } from '../syntax/parser';
import { CALLABLE, KEYWORDS, RESERVED, SYMBOLS } from '../syntax/token';
import type { TokenKind } from '../syntax/token';
import { document } from '../testing';
import { sources } from './corpus';

const EDITORS = fileURLToPath(new URL('../../../../../sdk/editors/', import.meta.url));
const EXAMPLES = fileURLToPath(new URL('../../../../../sdk/examples/', import.meta.url));
const text = readFileSync(`${EDITORS}rhai.tmLanguage.json`, 'utf8');

interface Rule {
  name?: string;
  match?: string;
  patterns?: Rule[];
}
const { repository } = JSON.parse(text) as { repository: Record<string, Rule> };

/** The words of a rule such as `\b(?:if|else)\b`. */
function wordsOf(...scopes: string[]): string[] {
  const rules = Object.values(repository).flatMap(({ patterns = [] }) => patterns);
  const found = rules.filter(({ name = '' }) => scopes.includes(name.replace(/\.rhai$/, '')));
  return found
    .flatMap(({ match = '' }) =>
      match
        .replace(/\\b|\(\?:|\)/g, '')
        .replace(/[()]/g, '')
        .split('|'),
    )
    .sort();
}

let grammar: IGrammar;

beforeAll(async () => {
  const wasm = createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm');
  await oniguruma.loadWASM(readFileSync(wasm).buffer);
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (line) => new oniguruma.OnigString(line),
    }),
    loadGrammar: () => Promise.resolve(textmate.parseRawGrammar(text, 'rhai.tmLanguage.json')),
  });
  grammar = (await registry.loadGrammar('source.rhai'))!;
});

/** For each character its innermost scope; of a hole in a template, what is in it. */
function scopesOf(source: string): string[] {
  const scopes: string[] = [];
  let state = textmate.INITIAL;
  for (const line of source.split('\n')) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    for (const { startIndex, endIndex, scopes: all } of tokens) {
      const own = all.slice(all.lastIndexOf('source.rhai') + 1).join(' ');
      for (let at = startIndex; at < Math.min(endIndex, line.length); at++) scopes.push(own);
    }
    scopes.push('\n');
  }
  return scopes;
}

const STRING = /^string\./;
const OPERATOR = /^(keyword\.operator|punctuation\.|meta\.embedded)/;

/** What a token of each kind has to be called; the signs are the rest. */
const NAMED: Partial<Record<TokenKind, RegExp>> = {
  name: /^(entity\.name|variable\.other|support\.variable)/,
  callable: /^support\.function/,
  reserved: /^invalid\.illegal\.reserved/,
  symbol: /^invalid\.illegal\.sign/,
  int: /^(constant\.numeric\.integer|keyword\.operator)/,
  float: /^(constant\.numeric\.(float|integer\.rhai)|keyword\.operator)/,
  string: STRING,
  char: STRING,
  head: STRING,
  middle: STRING,
  tail: STRING,
  true: /^constant\.language/,
  false: /^constant\.language/,
  this: /^variable\.language/,
};
for (const word of KEYWORDS) NAMED[word] ??= /^keyword\.(control|declaration)/;

/** Where the grammar and the lexer disagree: `kind text: scope`. */
function differences(source: string): string[] {
  const { tokens, comments } = lex(source);
  const scopes = scopesOf(source);
  const wrong: string[] = [];
  const look = (kind: string, from: number, to: number, wanted: RegExp) => {
    for (let at = from; at < to; at++) {
      const scope = scopes[at]!;
      // The brace of a hole and the `}` that ends it count to the template.
      if (scope === '\n' || wanted.test(scope) || /punctuation\.section\.embedded/.test(scope)) continue;
      wrong.push(`${kind} ${JSON.stringify(source.slice(from, to))}: ${scope}`);
      return;
    }
  };
  for (const { from, to, kind } of comments) {
    const doc = kind === 'doc' || kind === 'module';
    look(kind, from, to, doc ? /^comment\.\w+\.documentation/ : /^comment\.(?!\w+\.documentation)/);
  }
  for (const { kind, from, to } of tokens) look(kind, from, to, NAMED[kind] ?? OPERATOR);
  return wrong;
}

describe('the grammar for other editors', () => {
  it('has the words of the language', () => {
    expect(
      wordsOf('keyword.control', 'keyword.declaration', 'constant.language', 'variable.language.this'),
    ).toEqual([...KEYWORDS].sort());
    expect(wordsOf('support.function.language')).toEqual([...CALLABLE].sort());
    expect(wordsOf('invalid.illegal.reserved')).toEqual([...RESERVED].sort());
    expect(wordsOf('support.variable')).toEqual(document.names.map(({ name }) => name).sort());
    for (const sign of SYMBOLS) expect(scopesOf(`a ${sign} b`)[2], sign).toMatch(/^invalid\.illegal\.sign/);
  });

  it.each([
    ['fn area(a) { a }', 'area', 'entity.name.function'],
    ['log::info("x")', 'log', 'entity.name.namespace'],
    ['log::info("x")', 'info', 'entity.name.function.call'],
    ['req.path', 'path', 'variable.other.property'],
    ['#{ amount: 1 }', 'amount', 'variable.other.property'],
    ['const MAX = 1;', 'MAX', 'variable.other.constant'],
    ['`a ${b + 1} c`', 'b', 'variable.other'],
    ['`a ${ #{b: `${c}`}.b } d`', 'd', 'string.quoted.template'],
    ['"a\\n" + x', 'x', 'variable.other'],
    ['"a ""b"" c"', 'b', 'string.quoted.double'],
    ['let x = #"a "b" c"#;', 'b', 'string.quoted.other.raw'],
    ['/* a /* b */ c */ d', 'c', 'comment.block'],
    ['/// Doc.\nfn f() {}', 'Doc', 'comment.line.documentation'],
    ['"open\nlet y', 'let', 'keyword.declaration'],
  ])('in %s calls %s %s', (source, word, scope) => {
    const names = scopesOf(source)[source.indexOf(word)]!;
    expect(names).toContain(`${scope}.rhai`);
  });

  it('finds in the examples what the editor finds', () => {
    const files = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' });
    const scripts = files.filter((file) => file.endsWith('.rhai'));
    expect(scripts.length).toBeGreaterThan(10);
    for (const file of scripts) expect(differences(readFileSync(EXAMPLES + file, 'utf8')), file).toEqual([]);
  });

  it('finds in what Rhai takes what the editor finds', () => {
    const whole = sources().filter((source) => !source.includes('\r') && !parse(source).errors.length);
    expect(whole.length).toBeGreaterThan(100);
    const wrong = whole.flatMap((source) => {
      const found = differences(source);
      return found.length ? [{ source, found }] : [];
    });
    expect(wrong).toEqual([]);
  });
});
