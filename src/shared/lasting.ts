import * as z from "zod";

/**
 * What is saved: an object that keeps what another version of us has written into it beside what is known here. An older
 * window that notes one fact would else take from the record what a newer one needs. Only types do not know of it.
 */
export function lasting<T extends z.core.$ZodLooseShape>(shape: T): z.ZodObject<T, z.core.$strip> {
  return z.looseObject(shape);
}
