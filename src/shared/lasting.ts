/**
 * Schema of an object that is saved. It keeps properties that it does not know: otherwise an older window that saves
 * one fact would remove from the record what a newer one needs. The type does not show them.
 */
import * as z from "zod";

export function lasting<T extends z.core.$ZodLooseShape>(shape: T): z.ZodObject<T, z.core.$strip> {
  return z.looseObject(shape);
}
