/** The lab API's declarations, from the Workbench, until the editor (loaded later) wants them. */
let types = '';
let listener: ((types: string) => void) | undefined;

export function setLabTypes(text: string): void {
  types = text;
  listener?.(text);
}

/** Calls back at once with what is known, and again whenever the Workbench says something newer. */
export function onLabTypes(tell: (types: string) => void): void {
  listener = tell;
  if (types) tell(types);
}
