// The script API as an index: what sdk/api/script.json says, by name, by namespace and by type.

/** The shape of sdk/api/script.json. */
export interface ApiDocument {
  functions: {
    name: string;
    namespace: string;
    doc: string;
    params: { name: string; type: string }[] | null;
    returns: string | null;
    signature: string;
  }[];
  names: { name: string; doc: string; type: string }[];
}

export interface ApiFunction {
  name: string;
  namespace: string;
  doc: string;
  params: { name: string; type: string }[];
  returns: string;
}

export interface ApiName {
  name: string;
  doc: string;
  type: string;
}

type Table<T> = Map<string, T>;

export interface Api {
  /** Functions outside of any namespace, by name. */
  functions: Table<ApiFunction[]>;
  namespaces: Table<Table<ApiFunction[]>>;
  /** By the type they belong to, without the parameter of that type; `any` for all types. */
  methods: Table<Table<ApiFunction[]>>;
  properties: Table<Table<ApiFunction>>;
  /** Types whose values have what a name in brackets asks for, and after a dot as well. */
  indexed: Set<string>;
  /** Variables that every script has, such as `req`. */
  names: Table<ApiName>;
}

const TYPES: Record<string, string> = {
  i64: 'int',
  INT: 'int',
  f64: 'float',
  f32: 'float',
  FLOAT: 'float',
  str: 'string',
  String: 'string',
  ImmutableString: 'string',
  FnPtr: 'Fn',
  Decimal: 'decimal',
  Dynamic: 'any',
};

/** The name that a script's author knows a type by. */
export function typeName(type: string | null): string {
  if (!type) return '()';
  const bare = type.replace(/^(&mut |&|mut )/, '').replace(/^(Fallible|Result)<(.+?)(, Box<.*)?>$/, '$2');
  if (/Range|Stream/.test(bare)) return 'range';
  return TYPES[bare] ?? (/^(Array|Map|Blob)$/.test(bare) ? bare.toLowerCase() : bare);
}

function put<T>(table: Table<T[]>, name: string, value: T) {
  table.set(name, [...(table.get(name) ?? []), value]);
}

function within<T>(table: Table<Table<T>>, name: string): Table<T> {
  const inner = table.get(name) ?? new Map<string, T>();
  table.set(name, inner);
  return inner;
}

/** Builds the index; once, as it costs some milliseconds. */
export function apiOf(document: ApiDocument): Api {
  const api: Api = {
    functions: new Map(),
    namespaces: new Map(),
    methods: new Map(),
    properties: new Map(),
    indexed: new Set(),
    names: new Map(document.names.map((name) => [name.name, name])),
  };
  for (const { name, namespace, doc, params, returns, signature } of document.functions) {
    if (!/^[a-z_$]+/i.test(name)) continue;
    // Where only the number of parameters is known, the signature shows each as `_`.
    const known = params ?? (signature.match(/\b_\b/g) ?? []).map(() => ({ name: 'value', type: 'Dynamic' }));
    const entry: ApiFunction = {
      name: name.replace(/^[gs]et\$/, ''),
      namespace,
      doc,
      params: known.map((param) => ({ name: param.name.replace(/^mut /, ''), type: typeName(param.type) })),
      returns: typeName(returns),
    };
    const receiver = entry.params[0]?.type;
    if (name.startsWith('index$get$')) {
      if (receiver && entry.params[1]?.type !== 'int') api.indexed.add(receiver);
    } else if (namespace) {
      put(within(api.namespaces, namespace), name, entry);
    } else if (name.startsWith('get$')) {
      within(api.properties, receiver ?? 'any').set(entry.name, entry);
    } else if (!name.includes('$') && !isRepeated(api.functions.get(name), entry)) {
      put(api.functions, name, entry);
      if (receiver) put(within(api.methods, receiver), name, asMethod(entry));
    }
  }
  return api;
}

/** Variants for `f32` and for closed ranges look alike to a script. */
function isRepeated(known: ApiFunction[] | undefined, entry: ApiFunction): boolean {
  const types = (it: ApiFunction) => it.params.map((param) => param.type).join();
  return !!known?.some((other) => types(other) === types(entry));
}

/** The functions that `value.name(..)` may mean; all of that name when the type is unknown. */
export function methodsOf(api: Api | undefined, type: string, name: string): ApiFunction[] {
  if (!type) return (api?.functions.get(name) ?? []).filter((it) => it.params.length).map(asMethod);
  const of = (type: string) => api?.methods.get(type)?.get(name) ?? [];
  return of('any').concat(of(type));
}

type Param = ApiFunction['params'][number];

const any = (name: string): Param => ({ name, type: 'any' });
const of = (type: string, name: string): Param => ({ name, type });

/** The last parameter of what takes any number of arguments. */
const REST = any('..');

const builtin = (name: string, params: Param[], returns: string, doc: string): ApiFunction => ({
  name,
  namespace: '',
  doc,
  params,
  returns,
});

/** What belongs to the language itself, whatever the API. */
export const BUILTINS: readonly ApiFunction[] = [
  builtin('print', [any('value')], '()', 'Logs the value.'),
  builtin('debug', [any('value')], '()', 'Logs the value as it would be written in a script.'),
  builtin('eval', [of('string', 'script')], 'any', 'Runs a text as a script.'),
  builtin('Fn', [of('string', 'name')], 'Fn', 'A pointer to the function of that name.'),
  builtin('is_def_var', [of('string', 'name')], 'bool', 'Whether a variable of that name can be seen.'),
  builtin(
    'is_def_fn',
    [of('string', 'name'), of('int', 'arity')],
    'bool',
    'Whether the script has that function.',
  ),
  builtin(
    'is_def_fn',
    [of('string', 'type'), of('string', 'name'), of('int', 'arity')],
    'bool',
    'Whether the script has that method.',
  ),
  builtin('type_of', [any('value')], 'string', 'The name of the type of a value.'),
  builtin('call', [of('Fn', 'function'), REST], 'any', 'Calls a function pointer or closure.'),
  builtin('curry', [of('Fn', 'function'), REST], 'Fn', 'A pointer with its first arguments given.'),
  builtin('is_shared', [any('value')], 'bool', 'Whether closures share this value.'),
];

export function builtinsOf(name: string): ApiFunction[] {
  return BUILTINS.filter((it) => it.name === name);
}

/** Whether that many arguments fit. */
export function takes({ params }: ApiFunction, count: number): boolean {
  const { length } = params;
  return params[length - 1] === REST ? count >= length - 1 : count === length;
}

/** Without what is before the dot. */
export const asMethod = (it: ApiFunction): ApiFunction => ({ ...it, params: it.params.slice(1) });

/** `name(a: int) -> bool` */
export function signatureOf({ name, namespace, params, returns }: ApiFunction): string {
  const list = params.map((param) => (param.type === 'any' ? param.name : `${param.name}: ${param.type}`));
  const result = /^(|\(\))$/.test(returns) ? '' : ` -> ${returns}`;
  return `${namespace && `${namespace}::`}${name}(${list.join(', ')})${result}`;
}
