import { describe, expect, it } from 'vitest';

import { format } from './format';
import { formatted, shows } from './testing';

describe('statements', () => {
  it('puts each statement on a line of its own', () => {
    shows('let x=1;let y;x+=2;foo( x )', 'let x = 1;\nlet y;\nx += 2;\nfoo(x)\n');
  });

  it('keeps a semicolon as it is, needed or not', () => {
    shows('loop {};;a', 'loop {};;\na\n');
    shows('{ ; a }', '{\n\t;\n\ta\n}\n');
  });

  it('keeps one blank line of several between statements, and none at the ends of a block', () => {
    shows('\n\na;\n\n\n\nb;\nloop {\n\n  c;\n\n  d;\n\n}\n\n\n', 'a;\n\nb;\nloop {\n\tc;\n\n\td;\n}\n');
  });

  it('ends a text with one line break, and leaves an empty one empty', () => {
    shows('a', 'a\n');
    shows('  \n\n', '');
  });

  it('indents with tabs', () => {
    shows('if a { while b { c; } }', 'if a {\n\twhile b {\n\t\tc;\n\t}\n}\n');
  });

  it('writes else, catch and while on the line of the brace', () => {
    shows(
      'if a{1}\nelse if b{2}\nelse{3}\ntry{a();}\ncatch(e){b();}\ntry{}catch{}\ndo{a();}\nuntil b;',
      `
if a {
	1
} else if b {
	2
} else {
	3
}
try {
	a();
} catch (e) {
	b();
}
try {} catch {}
do {
	a();
} until b;
`,
    );
  });

  it('writes loops', () => {
    shows('for x in 0 ..10{}', 'for x in 0..10 {}\n');
    shows(
      'for(x,i)in xs{break x;}loop{continue}',
      'for (x, i) in xs {\n\tbreak x;\n}\nloop {\n\tcontinue\n}\n',
    );
  });

  it('writes functions', () => {
    shows(
      'private fn f(a,b){a}fn int.twice( ){this}fn "A b".c(){}',
      `
private fn f(a, b) {
	a
}
fn int.twice( ) {
	this
}
fn "A b".c() {}
`,
    );
  });

  it('writes imports and exports', () => {
    shows(
      'import"a"as b;export let x=1;export x as y;export const Z;',
      'import "a" as b;\nexport let x = 1;\nexport x as y;\nexport const Z;\n',
    );
  });

  it('writes each case of a switch on a line, and a comma after the last one', () => {
    shows(
      'switch x{1|2=>a,"b" if c=>{d();e()}3..=5=>-1,_=>throw f}',
      `
switch x {
	1 | 2 => a,
	"b" if c => {
		d();
		e()
	}
	3..=5 => -1,
	_ => throw f,
}
`,
    );
    shows('switch x { 1 => {} }', 'switch x {\n\t1 => {}\n}\n');
  });
});

describe('expressions', () => {
  it('writes one blank around operators, and none around paths, members and ranges', () => {
    shows(
      'let x=a+b  *c??d; y=m :: f( a . b ?. c [ 0 ] ); z in 0 .. 5; "a"!in b',
      'let x = a + b * c ?? d;\ny = m::f(a.b?.c[0]);\nz in 0..5;\n"a" !in b\n',
    );
  });

  it('keeps parentheses, needed or not', () => {
    shows('(( a+b ))*(c)', '((a + b)) * (c)\n');
  });

  it('writes arrays, maps and calls without a last comma on one line', () => {
    shows('f([ 1,2, ],#{a:1,"b c":2,},)', 'f([1, 2], #{ a: 1, "b c": 2 })\n');
    shows('[ ];#{ };f()', '[];\n#{};\nf()\n');
  });

  it('writes closures', () => {
    shows('let f=| a,b |a+b;||1;|x|{x}', 'let f = |a, b| a + b;\n|| 1;\n|x| { x }\n');
  });

  it('keeps blocks of one statement on one line where they are values that were written so', () => {
    shows('let x=if a{1}else{2};', 'let x = if a { 1 } else { 2 };\n');
    shows('let x = if a {\n1 } else {2};', 'let x = if a {\n\t1\n} else {\n\t2\n};\n');
    shows('let x = if a {1;2} else {3};', 'let x = if a {\n\t1;\n\t2\n} else {\n\t3\n};\n');
    shows('xs.map(|x|{x+1})', 'xs.map(|x| { x + 1 })\n');
    shows('if a{1}else{2}', 'if a {\n\t1\n} else {\n\t2\n}\n');
  });

  it('keeps a map on several lines that was begun on a line of its own', () => {
    shows('let m=#{\na:1,b:2}', 'let m = #{\n\ta: 1,\n\tb: 2,\n}\n');
    shows('let m=#{a:1,\nb:2}', 'let m = #{ a: 1, b: 2 }\n');
  });

  it('leaves strings as they are', () => {
    shows('x=`a ${b+c} d`+#"e\n  f"#;', 'x = `a ${b+c} d` + #"e\n  f"#;\n');
  });
});

describe('what is wider than 100 columns', () => {
  const long = (name: string) => name.repeat(12);
  const [a, b, c] = [long('aaa'), long('bbb'), long('ccc')];

  it('has one argument per line, with a last comma', () => {
    shows(`f(${a},${b},${c})`, `f(\n\t${a},\n\t${b},\n\t${c},\n)\n`);
  });

  it('has one item per line in arrays, maps and parameters', () => {
    shows(`[${a},${b},${c}]`, `[\n\t${a},\n\t${b},\n\t${c},\n]\n`);
    shows(`#{a:${a},b:${b},c:${c}}`, `#{\n\ta: ${a},\n\tb: ${b},\n\tc: ${c},\n}\n`);
    shows(`fn f(${a},${b},${c}){}`, `fn f(\n\t${a},\n\t${b},\n\t${c},\n) {}\n`);
  });

  it('keeps a blank line between items', () => {
    shows(`[${a},\n\n\n${b},${c}]`, `[\n\t${a},\n\n\t${b},\n\t${c},\n]\n`);
  });

  it('counts a tab as 4 columns, and fits 100 exactly', () => {
    const text = 'x'.repeat(100 - 4 - 'f("", a);'.length);
    shows(`{ f("${text}",a); }`, `{\n\tf("${text}", a);\n}\n`);
    shows(`{ f("${text}x",a); }`, `{\n\tf(\n\t\t"${text}x",\n\t\ta,\n\t);\n}\n`);
  });

  it('has one operand per line, for all operators of one level', () => {
    shows(
      `f(${a}+${b}*2-${c});`,
      `
f(
	${a}
		+ ${b} * 2
		- ${c},
);
`,
    );
  });

  it('goes to the next line after a sign if that is enough', () => {
    shows(`let x=${a}+${b}+c+dddddddddd;`, `let x =\n\t${a} + ${b} + c + dddddddddd;\n`);
    shows(`${a}.x="${b}${c}"`, `${a}.x =\n\t"${b}${c}"\n`);
  });

  it('sets a condition of several lines apart from its block', () => {
    shows(
      `if ${a} && ${b} && ${c} { x }`,
      `
if ${a}
	&& ${b}
	&& ${c}
{
	x
}
`,
    );
  });

  it('has one call per line in a chain of several', () => {
    shows(
      `let x=req.items.filter(|x|x>1).map(${a}).sorted(${b}).len;`,
      `
let x = req.items
	.filter(|x| x > 1)
	.map(${a})
	.sorted(${b}).len;
`,
    );
  });

  it('has alternatives of a pattern on lines of their own', () => {
    shows(
      `switch x{"${a}"|"${b}"|"${c}"=>1}`,
      `
switch x {
	"${a}"
		| "${b}"
		| "${c}" => 1,
}
`,
    );
  });
});

describe('a block, a map or an array that is the last argument', () => {
  it('begins on the line of the call', () => {
    shows(
      'xs.filter(|x|x>1).for_each(|x|{f(x);g(x)});',
      `
xs.filter(|x| x > 1).for_each(|x| {
	f(x);
	g(x)
});
`,
    );
    shows('reply(200,#{\na:1})', 'reply(200, #{\n\ta: 1,\n})\n');
    shows('f(`a\nb`)', 'f(`a\nb`)\n');
  });

  it('does not when it is not the only one of several lines', () => {
    shows(
      'f(|x|{a;b},#{\na:1})',
      `
f(
	|x| {
		a;
		b
	},
	#{
		a: 1,
	},
)
`,
    );
  });

  it('does not in a chain that goes on', () => {
    shows('xs.map(|x|{a;b}).len()', 'xs\n\t.map(|x| {\n\t\ta;\n\t\tb\n\t})\n\t.len()\n');
  });
});

describe('a script that cannot be parsed', () => {
  it('stays as it is, with the first error and where Rhai sees it', () => {
    const answer = format('let x = 1;\n\tlet = 2; }');
    expect(answer).toMatchObject({ ok: false, error: { line: 2, col: 6, from: 16 } });
  });

  it('is an expression where one is asked for', () => {
    expect(format('a+b', { mode: 'expression' })).toEqual({ ok: true, text: 'a + b\n' });
    expect(format('let x = 1', { mode: 'expression' }).ok).toBe(false);
  });
});

it('takes a thousand statements and deep nesting', () => {
  expect(formatted('f(x);'.repeat(1000)).split('\n').length).toBe(1001);
  shows('['.repeat(40) + ']'.repeat(40), '['.repeat(40) + ']'.repeat(40) + '\n');
});
