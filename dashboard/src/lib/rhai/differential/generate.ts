// Not in the package: programs that run, from a seed. What a program does is followed while it is written, so that each
// use fits what its value is at that moment: containers change their types in every way that Rhai has.
import { anyValue, copy, KEYS, literal, pick, seeded, use } from './values';
import type { Random, Value } from './values';

/** A variable, which closures and inner blocks share. */
interface Cell {
  value: Value;
}

interface Scope {
  variables: Map<string, Cell>;
  /** The value that a method is called on. */
  self?: Value;
}

/** Something that can be assigned to. */
interface Place {
  text: string;
  value: Value;
  set: (value: Value) => void;
}

class Program {
  readonly functions: string[] = [];
  #names = 0;
  #depth = 0;

  constructor(readonly random: Random) {}

  name(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  /** Statements one level deeper; none where that is too deep. */
  body(scope: Scope, count = 1 + this.random(3)): string {
    if (this.#depth > 3) return '';
    this.#depth++;
    const lines = Array.from({ length: count }, () => this.statement(scope));
    this.#depth--;
    return lines.join(' ');
  }

  statement(scope: Scope): string {
    const all = this.#depth > 2 || this.random(3) ? SIMPLE : NESTED;
    return pick(this.random, all)(this, scope);
  }

  /** A variable or a part of one. */
  place({ variables, self }: Scope): Place | null {
    const names = [...variables.keys(), ...(self ? ['this'] : [])];
    if (!names.length) return null;
    const name = pick(this.random, names);
    const cell = variables.get(name);
    // What `this` is stays: a part of it changes.
    if (!cell) return this.part({ text: name, value: self!, set: () => {} }, true);
    return this.part({ text: name, value: cell.value, set: (value) => void (cell.value = value) });
  }

  /** The place itself, or something in it; null where there has to be something and is not. */
  part(place: Place, inside = false): Place | null {
    const { value, text } = place;
    if (!inside && this.random(3) === 0) return place;
    if (value.type === 'array' && value.items.length) {
      const { items } = value;
      const at = this.random(items.length);
      const index = pick(this.random, [`${at}`, `${at - items.length}`]);
      return this.part({
        text: `${text}[${index}]`,
        value: items[at]!,
        set: (next) => void (items[at] = next),
      });
    }
    if (value.type === 'map' && value.fields.size) {
      const { fields } = value;
      const key = pick(this.random, [...fields.keys()]);
      const step = pick(this.random, [`.${key}`, `["${key}"]`]);
      return this.part({
        text: text + step,
        value: fields.get(key)!,
        set: (next) => void fields.set(key, next),
      });
    }
    return inside ? null : place;
  }

  /** An expression and its value. */
  expression(scope: Scope, wanted: Value = anyValue(this.random)): [text: string, value: Value] {
    const { random } = this;
    const other = literal(random, anyValue(random));
    const text = literal(random, wanted);
    const known = this.place(scope);
    switch (random(12)) {
      case 0:
        return known ? [known.text, copy(known.value)] : [text, wanted];
      case 1:
        return [`if yes() { ${text} } else { ${other} }`, wanted];
      case 2:
        return [`switch 2 { 1 => ${other}, 2 => ${text}, _ => ${other} }`, wanted];
      case 3:
        return [`[${other}, ${text}][1]`, wanted];
      case 4:
        return [`#{ it: ${text}, other: ${other} }.it`, wanted];
      case 5:
        return wanted.type === 'unit' ? [text, wanted] : [`([1].find(|it| it > 3) ?? ${text})`, wanted];
      case 6:
        return [this.call([], text), wanted];
      case 7:
        return [`(|| ${text}).call()`, wanted];
      case 8:
        return wanted.type === 'unit' ? [text, wanted] : [`(req.query.page ?? ${text})`, wanted];
      default:
        return [text, wanted];
    }
  }

  /** A new function with several ways out, of which the one with `text` is taken. */
  call(args: string[], text: string): string {
    const { random } = this;
    const name = this.name('f');
    const params = args.map((_, i) => `p${i}`);
    const other = literal(random, anyValue(random));
    const body = pick(random, [
      `if yes() { return ${text}; } ${other}`,
      `if !yes() { return ${other}; } ${text}`,
      `if yes() { ${text} } else { ${other} }`,
      `let out = ${other}; out = ${text}; out`,
      text,
    ]);
    this.functions.push(`fn ${name}(${params.join(', ')}) { ${body} }`);
    return `${name}(${args.join(', ')})`;
  }
}

type Write = (program: Program, scope: Scope) => string;

const declare: Write = (program, scope) => {
  const { variables } = scope;
  const [text, value] = program.expression(scope);
  // Sometimes one that hides another.
  const old = [...variables.keys()];
  const name = old.length && !program.random(4) ? pick(program.random, old) : program.name('v');
  variables.set(name, { value });
  return `let ${name} = ${text};`;
};

const assign: Write = (program, scope) => {
  const [text, value] = program.expression(scope);
  const place = program.place(scope);
  if (!place || place.text === 'this') return declare(program, scope);
  place.set(value);
  return `${place.text} = ${text};`;
};

/** `+=` that keeps or changes the type. */
const add: Write = (program, scope) => {
  const place = program.place(scope);
  if (!place || place.text === 'this') return declare(program, scope);
  const { text, value, set } = place;
  if (value.type === 'int') {
    set({ type: 'float' });
    return `${text} += 0.5;`;
  }
  if (value.type === 'char' || value.type === 'string') {
    set({ type: 'string' });
    return `${text} += "s";`;
  }
  if (value.type === 'array') {
    value.items.push({ type: 'string' });
    return `${text} += "s";`;
  }
  if (value.type === 'map') {
    value.fields.set('n', { type: 'string' });
    return `${text} += #{ n: "s" };`;
  }
  return value.type === 'float' ? `${text} += 1;` : useIt(program, scope);
};

/** Uses a value in a way that only its type allows. */
const useIt: Write = (program, scope) => {
  const place = program.place(scope);
  return place ? `print(${use(program.random, place.text, place.value)});` : declare(program, scope);
};

const changeMap: Write = (program, scope) => {
  const place = program.place(scope);
  if (place?.value.type !== 'map') return declare(program, scope);
  const { text, value } = place;
  const { fields } = value;
  const key = pick(program.random, KEYS);
  const [made, next] = program.expression({ variables: new Map() });
  const had = fields.get(key);
  fields.set(key, next);
  switch (program.random(7)) {
    case 0:
      return `${text}.${key} = ${made};`;
    case 1:
      return `${text}["${key}"] = ${made};`;
    case 2:
      return `${text}.set("${key}", ${made});`;
    case 3:
      return `${text}.mixin(#{ ${key}: ${made} });`;
    case 4:
      return `${text} += #{ ${key}: ${made} };`;
    case 5:
      fields.delete(key);
      return `${text}.remove("${key}");`;
    default:
      if (had) fields.set(key, had);
      return `${text}.fill_with(#{ ${key}: ${made} });`;
  }
};

const changeArray: Write = (program, scope) => {
  const place = program.place(scope);
  if (place?.value.type !== 'array') return declare(program, scope);
  const { text, value } = place;
  const { items } = value;
  const [made, next] = program.expression({ variables: new Map() });
  switch (program.random(items.length ? 9 : 4)) {
    case 0:
      items.push(next);
      return `${text}.push(${made});`;
    case 1:
      items.unshift(next);
      return `${text}.insert(0, ${made});`;
    case 2:
      items.push(next);
      return `${text}.append([${made}]);`;
    case 3:
      items.push(next);
      return `${text} += [${made}];`;
    case 4:
      items.splice(0, 1, next);
      return `${text}.splice(0..1, [${made}]);`;
    case 5:
      items[0] = next;
      return `${text}[0] = ${made};`;
    case 6:
      items[0] = next;
      return `${text}.set(0, ${made});`;
    case 7:
      items.shift();
      return `${text}.shift();`;
    default:
      items.reverse();
      return `${text}.reverse();`;
  }
};

/** What a value is that a container gives away. */
const takeOut: Write = (program, scope) => {
  const place = program.place(scope);
  if (!place) return declare(program, scope);
  const { text, value } = place;
  const name = program.name('v');
  if (value.type === 'array' && value.items.length) {
    scope.variables.set(name, { value: value.items.pop()! });
    return `let ${name} = ${text}.pop();`;
  }
  if (value.type === 'map' && value.fields.size) {
    const [key] = value.fields.keys();
    scope.variables.set(name, { value: value.fields.get(key!)! });
    value.fields.delete(key!);
    return `let ${name} = ${text}.remove("${key}");`;
  }
  if (place.text === 'this' || program.random(3)) return useIt(program, scope);
  scope.variables.set(name, { value });
  place.set({ type: 'unit' });
  return `let ${name} = ${text}.take();`;
};

/** Two branches, of which one runs; what the other does has no consequence. */
const branch: Write = (program, scope) => {
  const taken = program.body(inner(scope));
  const other = program.body(apart(scope));
  return pick(program.random, [
    `if yes() { ${taken} } else { ${other} }`,
    `if !yes() { ${other} } else { ${taken} }`,
    `switch 1 { 1 => { ${taken} } _ => { ${other} } }`,
    `if !yes() { ${other} } else if yes() { ${taken} }`,
    `try { ${taken} } catch (e) { ${other} }`,
    `try { throw "x"; } catch (e) { print(e.to_upper()); ${taken} }`,
  ]);
};

/** A loop that goes round once. */
const loop: Write = (program, scope) => {
  const item = program.name('i');
  const [text, value] = program.expression(scope);
  const own = inner(scope);
  const kind = program.random(5);
  if (kind < 2) own.variables.set(item, { value: copy(value) });
  if (kind === 2) own.variables.set(item, { value: { type: 'int' } });
  const body = program.body(own);
  switch (kind) {
    case 0:
      return `for ${item} in [${text}] { ${body} }`;
    case 1:
      return `for (${item}, at) in [${text}] { ${body} at = "s"; print(at.to_upper()); }`;
    case 2:
      return `for ${item} in 0..1 { ${body} }`;
    case 3:
      return `loop { ${body} break; }`;
    default:
      return `do { ${body} } while false;`;
  }
};

/** A function that changes what it was given, which is a copy, or its `this`, which is none. */
const call: Write = (program, scope) => {
  const place = program.place(scope);
  if (!place || place.text === 'this') return declare(program, scope);
  const name = program.name('f');
  if (place.value.type === 'map' && program.random(2)) {
    const body = program.body({ variables: new Map(), self: place.value });
    program.functions.push(`fn ${name}() { ${body} }`);
    return `${place.text}.${name}();`;
  }
  const own = { variables: new Map([['p', { value: copy(place.value) }]]) };
  const body = program.body(own);
  program.functions.push(`fn ${name}(p) { ${body} p }`);
  const text = `${name}(${place.text})`;
  place.set(own.variables.get('p')!.value);
  return `${place.text} = ${text};`;
};

/** A closure that sees and changes the variables around it. */
const closure: Write = (program, scope) => {
  if (scope.self) return useIt(program, scope);
  const name = program.name('c');
  const own = inner(scope);
  const body = program.body(own);
  return pick(program.random, [
    `let ${name} = || { ${body} }; ${name}.call();`,
    `[1].for_each(|| { ${body} });`,
    `let ${name} = #{ run: || { ${body} } }; ${name}.run();`,
  ]);
};

const SIMPLE: readonly Write[] = [
  declare,
  assign,
  assign,
  add,
  useIt,
  useIt,
  useIt,
  changeMap,
  changeMap,
  changeArray,
  changeArray,
  takeOut,
];
const NESTED: readonly Write[] = [branch, loop, call, call, closure];

/** What a block sees: what it declares ends with it, what it changes does not. */
function inner(scope: Scope): Scope {
  return { ...scope, variables: new Map(scope.variables) };
}

/** What is written here is never run. */
function apart({ variables, self }: Scope): Scope {
  return {
    variables: new Map([...variables].map(([name, { value }]) => [name, { value: copy(value) }])),
    ...(self && { self: copy(self) }),
  };
}

/** The program of a seed. */
export function generate(seed: number): string {
  const random = seeded(seed * 7919 + 17);
  const program = new Program(random);
  const scope: Scope = { variables: new Map() };
  const lines = Array.from({ length: 4 + random(12) }, () => program.statement(scope));
  for (const [name, { value }] of scope.variables) lines.push(`print(${use(random, name, value)});`);
  return ['fn yes() { true }', ...program.functions, ...lines].join('\n');
}
