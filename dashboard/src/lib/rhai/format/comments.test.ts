import { describe, it } from 'vitest';

import { shows } from './testing';

describe('comments', () => {
  it('stay on lines of their own, with the blank lines around them', () => {
    shows(
      `//! module

// first
  /* second */


// third
let x = 1;
  // last
`,
      `
//! module

// first
/* second */

// third
let x = 1;
// last
`,
    );
  });

  it('stay at the end of a line, and their width does not count', () => {
    shows('let x=1;// one\nf(a)   /* two */\n// three', 'let x = 1; // one\nf(a) /* two */\n// three\n');
    const long = '// ' + 'long '.repeat(30) + '.';
    shows(`f(a, b); ${long}`, `f(a, b); ${long}\n`);
    shows(`let x = a + b ${long}`, `let x = a + b ${long}\n`);
  });

  it('stay before a function, as its documentation', () => {
    shows(
      '/// One.\n/// Two.\nfn f(){}\n/** Three\n  * four */\nfn g(){}',
      '/// One.\n/// Two.\nfn f() {}\n/** Three\n  * four */\nfn g() {}\n',
    );
  });

  it('stay in what is empty', () => {
    shows('f(/* a */)', 'f(/* a */)\n');
    shows('[ /* a */ ];#{/* b */};loop {/* c */}', '[/* a */];\n#{ /* b */ };\nloop { /* c */ }\n');
    shows('loop {\n// a\n}', 'loop {\n\t// a\n}\n');
    shows('f(\n// a\n)', 'f(\n\t// a\n)\n');
    shows('loop { // a\n}', 'loop { // a\n}\n');
  });

  it('stay in lists, at an item or at the end', () => {
    shows(
      'f(a, // first\n// second\nb /* third */ // fourth\n// fifth\n)',
      `
f(
	a, // first
	// second
	b, /* third */ // fourth
	// fifth
)
`,
    );
    shows('f(/* a */ b, c /* d */, e /* f */)', 'f(/* a */ b, c /* d */, e /* f */)\n');
    shows('#{ // a\nb:1 }', '#{ // a\n\tb: 1,\n}\n');
  });

  it('stay at the end of a block', () => {
    shows('loop { a;\n\n// b\n }', 'loop {\n\ta;\n\n\t// b\n}\n');
    shows('switch x { 1=>2 // a\n// b\n }', 'switch x {\n\t1 => 2, // a\n\t// b\n}\n');
  });

  it('stay between a brace and else', () => {
    shows('if a {} // b\nelse {}', 'if a {} // b\nelse {}\n');
    shows('if a {}\n// b\nelse {}', 'if a {}\n// b\nelse {}\n');
    shows('if a {} /* b */ else {}', 'if a {} /* b */ else {}\n');
  });

  it('stay between operators and operands', () => {
    shows('a // b\n+c', 'a // b\n\t+ c\n');
    shows('a+ // b\nc', 'a\n\t+ // b\n\tc\n');
    shows('a /* b */+/* c */ d', 'a /* b */ + /* c */ d\n');
    shows('let x = // a\nb;', 'let x = // a\n\tb;\n');
    shows('return // a\nb;', 'return // a\nb;\n');
  });

  it('stay between the calls of a chain', () => {
    shows('a.b() // c\n.d()\n// e\n.f()', 'a\n\t.b() // c\n\t.d()\n\t// e\n\t.f()\n');
  });

  it('stay before a semicolon', () => {
    shows('a /* b */;\nc // d\n;', 'a /* b */;\nc // d\n;\n');
  });

  it('may be all there is, with or without an end', () => {
    shows('// a', '// a\n');
    shows('\n/* a */', '/* a */\n');
    shows('a; /* b', 'a; /* b');
    shows('a; /* /* b */', 'a; /* /* b */');
  });

  it('keep their lines as they are', () => {
    shows('loop {\n/*\n * a\n */\nb }', 'loop {\n\t/*\n * a\n */\n\tb\n}\n');
  });

  it('end with their line, whichever way it was ended', () => {
    shows('a; // b\r\nc;\r\n', 'a; // b\nc;\n');
  });
});
