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
  /** By the type they belong to; `any` for all types. */
  methods: Table<Table<ApiFunction[]>>;
  properties: Table<Table<ApiFunction>>;
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
  Array: 'array',
  Map: 'map',
  Blob: 'blob',
  FnPtr: 'Fn',
  Dynamic: 'any',
  BitRange: 'range',
  CharsStream: 'range',
};

/** The name that a script's author knows a type by. */
export function typeName(type: string | null): string {
  if (!type) return '()';
  const bare = type.replace(/^(&mut |&|mut )/, '');
  const wrapped = /^(?:Fallible|Result)<(.+?)(?:, Box<EvalAltResult>)?>$/.exec(bare);
  if (wrapped) return typeName(wrapped[1]!);
  if (/Range/.test(bare)) return 'range';
  return TYPES[bare] ?? bare;
}

function put<T>(table: Table<T[]>, name: string, value: T) {
  const list = table.get(name);
  if (list) list.push(value);
  else table.set(name, [value]);
}

function within<T>(table: Table<Table<T>>, name: string): Table<T> {
  let inner = table.get(name);
  if (!inner) table.set(name, (inner = new Map<string, T>()));
  return inner;
}

const NO_FUNCTIONS: Table<ApiFunction[]> = new Map();

/** Builds the index; once, as it costs some milliseconds. */
export function apiOf(document: ApiDocument): Api {
  const api: Api = {
    functions: new Map(),
    namespaces: new Map(),
    methods: new Map(),
    properties: new Map(),
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
    if (namespace) {
      put(within(api.namespaces, namespace), name, entry);
    } else if (name.startsWith('get$')) {
      within(api.properties, receiver ?? 'any').set(entry.name, entry);
    } else if (!name.includes('$') && !isRepeated(api.functions.get(name), entry)) {
      put(api.functions, name, entry);
      if (receiver) put(within(api.methods, receiver), name, entry);
    }
  }
  return api;
}

/** Variants for `f32` and for closed ranges look alike to a script. */
function isRepeated(known: ApiFunction[] | undefined, entry: ApiFunction): boolean {
  const types = (it: ApiFunction) => it.params.map((param) => param.type).join();
  return !!known?.some((other) => types(other) === types(entry));
}

export function namespaceOf(api: Api | undefined, name: string): Table<ApiFunction[]> {
  return api?.namespaces.get(name) ?? NO_FUNCTIONS;
}

/** The functions that `value.name(..)` may mean; all of that name when the type is unknown. */
export function methodsOf(api: Api | undefined, type: string, name: string): ApiFunction[] {
  if (!api) return [];
  if (!type) return (api.functions.get(name) ?? []).filter((it) => it.params.length);
  return [...(api.methods.get(type)?.get(name) ?? []), ...(api.methods.get('any')?.get(name) ?? [])];
}

const builtin = (name: string, params: string, returns: string, doc: string): ApiFunction => ({
  name,
  namespace: '',
  doc,
  returns,
  params: params
    ? params.split(', ').map((param) => {
        const [name, type] = param.split(': ') as [string, string];
        return { name, type };
      })
    : [],
});

/** What belongs to the language itself, whatever the API. A last parameter `..` stands for any number. */
export const BUILTINS: readonly ApiFunction[] = [
  builtin('print', 'value: any', '()', 'Logs the value.'),
  builtin('debug', 'value: any', '()', 'Logs the value as it would be written in a script.'),
  builtin('eval', 'script: string', 'any', 'Runs a text as a script.'),
  builtin('Fn', 'name: string', 'Fn', 'A pointer to the function of that name.'),
  builtin('is_def_var', 'name: string', 'bool', 'Whether a variable of that name can be seen here.'),
  builtin('is_def_fn', 'name: string, arity: int', 'bool', 'Whether the script has that function.'),
  builtin(
    'is_def_fn',
    'type: string, name: string, arity: int',
    'bool',
    'Whether the script has that method of that type.',
  ),
  builtin('type_of', 'value: any', 'string', 'The name of the type of a value.'),
  builtin('call', 'function: Fn, ..: any', 'any', 'Calls a function pointer or closure.'),
  builtin('curry', 'function: Fn, ..: any', 'Fn', 'A function pointer with its first arguments given.'),
  builtin('is_shared', 'value: any', 'bool', 'Whether closures share this value.'),
];

export function builtinsOf(name: string): ApiFunction[] {
  return BUILTINS.filter((it) => it.name === name);
}

/** Whether that many arguments fit. */
export function takes(it: ApiFunction, count: number): boolean {
  const { length } = it.params;
  return it.params[length - 1]?.name === '..' ? count >= length - 1 : count === length;
}

/** `name(a: int) -> bool`; as a method, without the parameter that is before the dot. */
export function signatureOf(it: ApiFunction, method = false): string {
  const params = method ? it.params.slice(1) : it.params;
  const list = params.map((param) => (param.type === 'any' ? param.name : `${param.name}: ${param.type}`));
  const prefix = it.namespace && `${it.namespace}::`;
  return `${prefix}${it.name}(${list.join(', ')})${it.returns === '()' ? '' : ` -> ${it.returns}`}`;
}
