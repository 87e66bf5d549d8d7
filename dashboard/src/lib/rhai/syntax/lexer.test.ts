import { describe, expect, it } from 'vitest';

import { lex } from './lexer';
import { literalText } from './literals';

/** `kind:text` of each token. */
function tokens(source: string): string[] {
  const { tokens } = lex(source);
  return tokens.slice(0, -1).map(({ kind, from, to }) => {
    const text = source.slice(from, to);
    return kind === text ? text : `${kind}:${text}`;
  });
}

function value(source: string): string {
  return literalText(source, lex(source).tokens[0]!);
}

function errors(source: string): string[] {
  return lex(source).errors.map(({ code, from, to }) => `${code}: ${source.slice(from, to)}`);
}

describe('numbers', () => {
  it('have underscores, prefixes, fractions and exponents', () => {
    expect(tokens('1_000 0xff 0b1_0 1.5 1e3 2.5E-1')).toEqual([
      'int:1_000',
      'int:0xff',
      'int:0b1_0',
      'float:1.5',
      'float:1e3',
      'float:2.5E-1',
    ]);
    expect(value('0xffff_ffff_ffff_ffff')).toBe('-1');
    expect(value('9223372036854775808')).toBe('9223372036854775808');
    expect(tokens('9223372036854775808')[0]).toMatch(/^float:/);
  });

  it('leave a point to methods and ranges', () => {
    expect(tokens('1.abs()')).toEqual(['int:1', '.', 'name:abs', '()']);
    expect(tokens('1..3')).toEqual(['int:1', '..', 'int:3']);
    expect(tokens('1. + 2')).toEqual(['float:1.', '+', 'int:2']);
    expect(tokens('1.e3')).toEqual(['int:1', '.', 'name:e3']);
  });

  it('take the sign directly before them where an operand is expected', () => {
    expect(tokens('-5 - -5')).toEqual(['int:-5', '-', 'int:-5']);
    expect(tokens('a -5')).toEqual(['name:a', '-', 'int:5']);
    expect(tokens('- 5')).toEqual(['-', 'int:5']);
    expect(tokens('x => -1')).toEqual(['name:x', '=>', '-', 'int:1']);
  });

  it('are refused without digits, or with too many', () => {
    expect(errors('0x')).toEqual(['bad-number: 0x']);
    expect(errors('0x1_0000_0000_0000_0000')).toEqual(['bad-number: 0x1_0000_0000_0000_0000']);
    expect(errors('1e+')).toEqual(['bad-number: 1e+']);
  });
});

describe('strings', () => {
  it('have escapes and doubled quotes', () => {
    expect(value('"a\\tb\\x41\\u2764\\U0001F600"')).toBe('a\tbA❤😀');
    expect(value('"say ""hi"""')).toBe('say "hi"');
    expect(value("'\\''")).toBe("'");
  });

  it('continue on the next line after a backslash, up to the column of their quote', () => {
    expect(value('"a\\\n  b"')).toBe('a b');
    expect(value('"a\\\nb"')).toBe('ab');
  });

  it('are verbatim in back-ticks and between `#`', () => {
    expect(value('`a\\n``b`')).toBe('a\\n`b');
    expect(value('`\na`')).toBe('a');
    expect(value('##"a"#\\n"##')).toBe('a"#\\n');
  });

  it('have holes, which have strings with holes', () => {
    expect(tokens('`a${`b${1}` + "}"}c`')).toEqual([
      'head:`a$',
      '{',
      'head:`b$',
      '{',
      'int:1',
      '}',
      'tail:`',
      '+',
      'string:"}"',
      '}',
      'tail:c`',
    ]);
    expect(tokens('`${#{a: 1}}`')).toEqual([
      'head:`$',
      '{',
      '#{',
      'name:a',
      ':',
      'int:1',
      '}',
      '}',
      'tail:`',
    ]);
    expect(tokens('`\\${no} $ {no}`')).toHaveLength(1);
  });

  it('are refused with wrong escapes or without an end', () => {
    expect(errors('"a\\qb"')).toEqual(['bad-escape: \\q']);
    expect(errors('"\\x4"')).toEqual(['bad-escape: \\x4']);
    expect(errors('"abc\nd')).toEqual(['unterminated-string: "abc']);
    expect(errors("'ab'")).toEqual(["bad-character-literal: 'ab'"]);
    expect(errors('`abc')).toEqual(['unterminated-string: `']);
  });
});

describe('comments', () => {
  it('are kept with the token that follows, and nest', () => {
    const { comments } = lex('/* a /* b */ c */ x // d\n/// e\n//! f\n//// g\n/** h */ y');
    expect(comments.map(({ kind, before }) => [kind, before])).toEqual([
      ['block', 0],
      ['line', 1],
      ['doc', 1],
      ['module', 1],
      ['line', 1],
      ['doc', 1],
    ]);
  });

  it('may lack their end at the end of the script', () => {
    expect(errors('x /* y')).toEqual([]);
    expect(tokens('x /* y')).toEqual(['name:x']);
  });
});

describe('signs and words', () => {
  it('are as long as they can be', () => {
    expect(tokens('a>>=b**=c').join(' ')).toBe('name:a >>= name:b **= name:c');
    expect(tokens('c??d?.e?[f..=g').join(' ')).toBe('name:c ?? name:d ?. name:e ?[ name:f ..= name:g');
    expect(tokens('a !in b, !inner')).toEqual(['name:a', '!in', 'name:b', ',', '!', 'name:inner']);
  });

  it('are told apart: names, built-in functions, reserved words, signs of other languages', () => {
    expect(tokens('x print match === @ _ this')).toEqual([
      'name:x',
      'callable:print',
      'reserved:match',
      'symbol:===',
      'symbol:@',
      '_',
      'this',
    ]);
    expect(errors('_1 __ _a1')).toEqual(['bad-name: _1', 'bad-name: __']);
  });

  it('are ASCII; other white space counts as white space', () => {
    expect(tokens('a\u00a0= é1 + 1')).toEqual(['name:a', '=', 'bad:é1', '+', 'int:1']);
    expect(errors('a\u00a0= é1')).toEqual(['bad-space: \u00a0', 'bad-character: é1']);
  });
});
