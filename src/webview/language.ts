/** Imported before whatever says something: a text at the top of a module is then in the language of the page. */
import * as z from "zod";
import { speak } from "../shared/l10n.ts";

const Texts = z.record(z.string(), z.string()).nullish();

const found = document.getElementById("texts")?.textContent ?? "null";
speak(document.documentElement.lang, Texts.parse(JSON.parse(found)) ?? undefined);
