/**
 * How the played services write their JSON: with as few `\uXXXX` escapes as JSON allows, or with as many as some do.
 */
import * as z from "zod";

/**
 * Which characters are written as `\uXXXX`: those that JSON requires, or as many as some languages' JSON
 * writers escape for the sake of HTML and encodings. Each takes up to six bytes then.
 */
export const JsonEscapes = z.enum(["least", "most"]);
type JsonEscapes = z.infer<typeof JsonEscapes>;

export function printJson(json: unknown, escapes: JsonEscapes): string {
  const text = JSON.stringify(json);
  return escapes === "least" ? text : text.replace(/[<>&'+`\x80-\uffff]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
