/** The id of the field, of which the window has one. */
export const FILTER_FIELD = 'display-filter';

/** Puts the cursor into the display filter, with its text selected. */
export function focusFilter(): void {
  const field = document.getElementById(FILTER_FIELD);
  if (!(field instanceof HTMLInputElement)) return;
  field.focus();
  field.select();
}
