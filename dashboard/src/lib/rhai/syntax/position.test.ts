import { describe, expect, it } from 'vitest';

import { lex } from './lexer';
import { positions, type Position } from './position';

function at(source: string, text: string): Position {
  return positions(source, lex(source).odd).positionAt(source.lastIndexOf(text));
}

describe('positions', () => {
  it('count lines and columns from 1', () => {
    expect(at('x', 'x')).toEqual({ line: 1, column: 1 });
    expect(at('a\n\n  x', 'x')).toEqual({ line: 3, column: 3 });
  });

  it('count a tab and an emoji as one column', () => {
    expect(at('\t"😀é" + x', 'x')).toEqual({ line: 1, column: 9 });
  });

  it('take CR LF for one line break', () => {
    expect(at('a\r\nb\r\nx', 'x')).toEqual({ line: 3, column: 1 });
  });

  it('take a lone CR for a line break only after a line comment and an opening back-tick, as Rhai does', () => {
    expect(at('a\r x', 'x')).toEqual({ line: 1, column: 4 });
    expect(at('// a\r x', 'x')).toEqual({ line: 2, column: 2 });
    expect(at('`\r x`', 'x')).toEqual({ line: 2, column: 2 });
  });

  it('do not count the `$` of an escaped hole, as Rhai does not', () => {
    expect(at('`\\${a}` + x', 'x')).toEqual({ line: 1, column: 10 });
  });

  it('do not count a line break after what might end a raw string, as Rhai does not', () => {
    expect(at('##"a"\nb"## + x', 'x')).toEqual({ line: 1, column: 14 });
    expect(at('##"a\nb"## + x', 'x')).toEqual({ line: 2, column: 8 });
  });

  it('lead back to the offset', () => {
    const source = 'let a = "😀";\r\n\tb = `\\${x}`; // c\rd\n\n##"e"\nf"## é';
    const { positionAt, offsetAt } = positions(source, lex(source).odd);
    for (let offset = 0; offset <= source.length; offset++) {
      if (/[\udc00-\udfff]/.test(source[offset] ?? '')) continue;
      const { line, column } = positionAt(offset);
      const back = offsetAt(line, column);
      expect(positionAt(back)).toEqual({ line, column });
      if (source[offset - 1] !== '$') expect(back).toBe(offset);
    }
  });

  it('stay within the line and the text', () => {
    const { offsetAt } = positions('ab\ncd');
    expect(offsetAt(1, 99)).toBe(2);
    expect(offsetAt(2, 99)).toBe(5);
    expect(offsetAt(99, 1)).toBe(5);
    expect(offsetAt(0, 0)).toBe(0);
  });

  it('end at 65,535, as those of Rhai do', () => {
    expect(at(`${' '.repeat(70_000)}x`, 'x')).toEqual({ line: 1, column: 65_535 });
    expect(at(`${'\n'.repeat(70_000)}x`, 'x')).toEqual({ line: 65_535, column: 1 });
  });
});
