/**
 * Keeps Zod from trying `new Function` to see whether it may compile schemas: the page's Content-Security-Policy
 * reports that attempt as a violation although it is caught. Imported before the contract.
 */
import * as z from "zod";

z.config({ jitless: true });
