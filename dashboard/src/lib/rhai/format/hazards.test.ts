import { describe, expect, it } from 'vitest';

import { parse } from '../syntax/parser';
import { firstDifference } from './check';
import { shows } from './testing';

describe('white space that means something', () => {
  it('is kept between a sign and a number', () => {
    shows('- 5.abs();-5.abs();- x;a-5;a - -5', '- 5.abs();\n-5.abs();\n-x;\na - 5;\na - -5\n');
    shows('switch x{1=>-1.abs()}', 'switch x {\n\t1 => -1.abs(),\n}\n');
  });

  it('is kept between signs that would become another one', () => {
    shows('- -x;! !y;1. ..3;a- -b', '- -x;\n! !y;\n1. ..3;\na - -b\n');
    shows('1. .abs()', '1. .abs()\n');
    shows('| |1', '| | 1\n');
    shows('!(..5)', '!(..5)\n');
  });

  it('is kept in empty parentheses, which are not the unit', () => {
    shows('f( );()', 'f( );\n()\n');
  });

  it('is kept in a string that goes on in the next line, with the column of its statement', () => {
    const statement = '  let s="a \\\n         b";';
    shows(`loop {\n${statement} f( ) }`, `loop {\n${statement}\n\tf( )\n}\n`);
    shows('a;let s="b \\\n c";', 'a;\n  let s="b \\\n c";\n');
    shows('"é😀"; f( "\\\n" )', '"é😀";\n      f( "\\\n" )\n');
  });

  it('is kept around the blocks of a statement only where the string is outside of them', () => {
    shows('f(|x|{\n  "a\\\n  b";\n g(x) })', 'f(|x| {\n  "a\\\n  b";\n\tg(x)\n})\n');
    shows('if a=="b\\\nc"{ d }', 'if a=="b\\\nc"{ d }\n');
  });
});

describe('line breaks that mean nothing', () => {
  it('do not join a statement with brackets or signs that follow it', () => {
    shows('{1}\n[2];if a{}\n(b);if c{}-1', '{\n\t1\n}\n[2];\nif a {}\n(b);\nif c {}\n-1\n');
  });

  it('do not part an expression from what it goes on with', () => {
    shows('let a=x\n[0]\n.b\n(c)', 'let a = x[0].b(c)\n');
  });
});

describe('the check of the result', () => {
  const difference = (before: string, after: string) => firstDifference(parse(before), parse(after));

  it('passes over white space and commas that end a list', () => {
    expect(difference('f(a,[b,],c)', 'f(a, [b], c,)')).toBe(null);
  });

  it('finds a token that is another one, missing or new', () => {
    expect(difference('f(a, b)', 'f(a, c)')).toBe(5);
    expect(difference('f(a, b)', 'f(a)')).toBe(3);
    expect(difference('f(a)', 'f(a, b)')).toBe(3);
    expect(difference('a; b', 'a;')).toBe(3);
    expect(difference('a', 'a; b')).toBe(1);
    expect(difference('- 5', '-5')).toBe(0);
  });

  it('finds a comment that is another one, missing or new', () => {
    expect(difference('a; // b', 'a; // c')).toBe(3);
    expect(difference('a; // b', 'a;')).toBe(3);
    expect(difference('a;', 'a; // b')).toBe(2);
  });

  it('finds a string that goes on in the next line at another column', () => {
    expect(difference('"a\\\n   b"', ' "a\\\n   b"')).toBe(0);
    expect(difference('"a"', ' "a"')).toBe(null);
  });
});
