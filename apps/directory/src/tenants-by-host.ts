/** Reads the variable TENANTS_BY_HOST: tenant ids by host name, as JSON. None where it is not set. */
export function readTenantsByHost(text = "{}"): ReadonlyMap<string, string> {
  const tenants = parse(text);
  const isPlain = typeof tenants === "object" && tenants !== null && !Array.isArray(tenants);
  const entries = isPlain ? Object.entries(tenants) : undefined;
  if (entries?.every((entry): entry is [string, string] => typeof entry[1] === "string"))
    return new Map(entries);
  throw new Error('TENANTS_BY_HOST: expected JSON such as {"fair.example.org":"tenant-1"}');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
