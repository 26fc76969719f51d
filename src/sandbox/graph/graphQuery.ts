/**
 * The options of Graph's queries (`$select`, `$filter`, `$orderby`, `$top`): which are understood, and how long a page
 * of a list is.
 */
import * as z from "zod";
import { GraphError } from "./graphAnswers.ts";
import { onDemand, type View } from "./graphViews.ts";

/** Length of a page unless the request says otherwise. */
const usualTop = 10;

const Properties = z.array(z.object({ id: z.string(), value: z.string() }));

type Keep = (view: View) => boolean;

/** The properties of one thing that a request selects; without `$select`, all the usual ones. */
export function selected(view: View, query: URLSearchParams): View {
  checkOptions(query, ["$select", "$expand"]);
  return expanded(view, select(view, query), query);
}

/** One page of a list: filtered, sorted, cut, and with only what is selected. `url` is that of the list. */
export function page(views: readonly View[], url: URL): Record<string, unknown> {
  const query = url.searchParams;
  checkOptions(query, ["$select", "$expand", "$filter", "$orderby", "$top", "$skip", "$count"]);
  const filter = query.get("$filter");
  const found = filter === null ? [...views] : views.filter(readFilter(filter));
  const order = query.get("$orderby");
  if (order !== null) found.sort(readOrder(order));
  const top = readCount(query, "$top", usualTop);
  const skip = readCount(query, "$skip", 0);
  if (top < 1 || top > 1000)
    throw new GraphError(400, "BadRequest", "The value of $top must be between 1 and 1000.");
  const next = new URL(url);
  next.searchParams.set("$skip", String(skip + top));
  return {
    ...(query.get("$count") === "true" ? { "@odata.count": found.length } : {}),
    value: found.slice(skip, skip + top).map((view) => expanded(view, select(view, query), query)),
    ...(skip + top < found.length ? { "@odata.nextLink": next.href } : {}),
  };
}

function select(view: View, query: URLSearchParams): View {
  const names = query.get("$select")?.split(",");
  const unknown = names?.find((name) => !(name in view));
  if (unknown !== undefined) throw noProperty(unknown);
  const wanted = ([name]: [string, unknown]) =>
    names ? name === "id" || name.startsWith("@odata.") || names.includes(name) : !onDemand.includes(name);
  return Object.fromEntries(Object.entries(view).filter(wanted));
}

/** Adds the extended properties that `$expand` asks for, if the message has them. */
function expanded(view: View, told: View, query: URLSearchParams): View {
  const expand = query.get("$expand");
  if (expand === null) return told;
  const [, filter] =
    /^singleValueExtendedProperties\(\$filter=(id eq '(?:[^']|'')*'(?: or id eq '(?:[^']|'')*')*)\)$/i.exec(
      expand.trim(),
    ) ?? [];
  if (filter === undefined) throw new GraphError(400, "BadRequest", `Cannot expand ${expand}.`);
  const ids = [...filter.matchAll(/'((?:[^']|'')*)'/g)].map(([, id = ""]) => unquoted(id));
  const found = propertiesOf(view).filter((one) => ids.some((id) => isSameId(one.id, id)));
  return found.length === 0 ? told : { ...told, singleValueExtendedProperties: found };
}

function propertiesOf(view: View): readonly { readonly id: string; readonly value: string }[] {
  return Properties.parse(view["singleValueExtendedProperties"] ?? []);
}

/** Tags are numbers: `0x001A` is `0x1a`. */
const isSameId = (one: string, other: string) => plainId(one) === plainId(other);
const plainId = (id: string) => id.toLowerCase().replace(/ 0x0+/, " 0x");

/** An option that is not understood would change the answer, so it is refused. */
function checkOptions(query: URLSearchParams, known: readonly string[]): void {
  const others = ["startdatetime", "enddatetime"];
  for (const name of query.keys())
    if (!known.includes(name) && !others.includes(name.toLowerCase()))
      throw new GraphError(400, "BadRequest", `The query option '${name}' is not supported here.`);
}

/** Comparisons joined by `and`, an extended property, and `categories/any(c:c eq 'x')`. */
function readFilter(filter: string): Keep {
  const [, , id, value] =
    /^singleValueExtendedProperties\/any\(\s*(\w+)\s*:\s*\1\/id eq '((?:[^']|'')*)' and \1\/value eq '((?:[^']|'')*)'\s*\)$/i.exec(
      filter.trim(),
    ) ?? [];
  if (id !== undefined && value !== undefined)
    return (view) =>
      propertiesOf(view).some(
        (one) => isSameId(one.id, unquoted(id)) && one.value.toLowerCase() === unquoted(value).toLowerCase(),
      );
  const terms = filter.match(/(?:'(?:[^']|'')*'|(?! and )[^'])+/g)?.map((term) => term.replace(/^and /, ""));
  const keeps = (terms ?? [""]).map(readTerm);
  return (view) => keeps.every((keep) => keep(view));
}

function readTerm(term: string): Keep {
  const [, list, variable, item, member] =
    /^(\w+)\/any\(\s*(\w+)\s*:\s*(\w+) eq '((?:[^']|'')*)'\s*\)$/.exec(term.trim()) ?? [];
  if (list !== undefined && variable === item)
    return (view) => {
      const members = property(view, list);
      return Array.isArray(members) && members.includes(unquoted(member ?? ""));
    };
  const [, path = "", operator = "", literal = ""] =
    /^([\w/]+) (eq|ne|gt|ge|lt|le) ('(?:[^']|'')*'|true|false|[\d.:TZ-]+)$/.exec(term.trim()) ?? [];
  if (path === "") throw new GraphError(400, "BadRequest", `Invalid filter clause: ${term}`);
  const wanted = literal.startsWith("'") ? unquoted(literal.slice(1, -1)) : literal;
  return (view) => {
    const order = compare(String(property(view, path)), wanted);
    const holds = {
      eq: order === 0,
      ne: order !== 0,
      gt: order > 0,
      ge: order >= 0,
      lt: order < 0,
      le: order <= 0,
    };
    return new Map(Object.entries(holds)).get(operator) === true;
  };
}

function readOrder(order: string): (a: View, b: View) => number {
  const [, path = "", direction] = /^([\w/]+)(?: (asc|desc))?$/.exec(order) ?? [];
  if (path === "") throw new GraphError(400, "BadRequest", `Invalid $orderby: ${order}`);
  const sign = direction === "desc" ? -1 : 1;
  return (a, b) => sign * compare(String(property(a, path)), String(property(b, path)));
}

/** Compares points in time as such, whatever their fractions, and all else as case-sensitive text. */
function compare(a: string, b: string): number {
  const [at, other] = [a, b].map((text) => (/^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN));
  if (at !== undefined && other !== undefined && !Number.isNaN(at - other)) return at - other;
  return a === b ? 0 : a < b ? -1 : 1;
}

function property(view: View, path: string): unknown {
  return path.split("/").reduce<unknown>((value, name) => {
    if (typeof value !== "object" || value === null || !(name in value)) throw noProperty(name);
    return new Map<string, unknown>(Object.entries(value)).get(name);
  }, view);
}

function readCount(query: URLSearchParams, name: string, otherwise: number): number {
  const value = query.get(name);
  if (value === null) return otherwise;
  if (!/^\d{1,6}$/.test(value))
    throw new GraphError(400, "BadRequest", `Invalid value '${value}' for ${name}.`);
  return Number(value);
}

const unquoted = (text: string) => text.replaceAll("''", "'");

function noProperty(name: string): GraphError {
  return new GraphError(400, "RequestBroker--ParseUri", `Could not find a property named '${name}'.`);
}
