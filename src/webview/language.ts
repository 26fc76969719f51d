/** Sets the page's language. Imported before any module with texts: even those at a module's top are in it. */
import * as z from "zod";
import { speak } from "../shared/l10n.ts";

const Texts = z.record(z.string(), z.string()).nullish();

const found = document.getElementById("texts")?.textContent ?? "null";
speak(document.documentElement.lang, Texts.parse(JSON.parse(found)) ?? undefined);
