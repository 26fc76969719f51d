import * as z from "zod";

/**
 * Which characters of a text are written as `\uXXXX`: those that JSON demands, or as many as the writers of some
 * languages do for fear of HTML and of encodings. Six bytes for one is the most that an answer can grow by.
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
