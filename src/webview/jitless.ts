/**
 * Imported before the contract. Zod otherwise tries `new Function` to see whether it may compile schemas, and
 * the page's Content-Security-Policy reports that attempt as a violation although it is caught.
 */
import * as z from "zod";

z.config({ jitless: true });
