// What of the executions is shown, as their address says it.

/** The address with one filter set, or taken out when its value is empty; the others stay. */
export function withFilter(before: URLSearchParams, name: string, value: string): string {
  const query = new URLSearchParams(before);
  if (value) query.set(name, value);
  else query.delete(name);
  return `?${query.toString()}`;
}
