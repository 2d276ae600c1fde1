/** Why octets could not be read as the format they were taken for. */
export type WireError =
  | { readonly kind: 'truncated'; readonly field: string; readonly needed: number; readonly had: number }
  | { readonly kind: 'bad-version'; readonly expected: number; readonly found: number }
  | { readonly kind: 'bad-length'; readonly field: string; readonly found: number }
  | { readonly kind: 'bad-option'; readonly code: number; readonly length: number };

export const truncated = (field: string, needed: number, had: number): WireError => ({ kind: 'truncated', field, needed, had });
export const badLength = (field: string, found: number): WireError => ({ kind: 'bad-length', field, found });

/** One line for people. */
export function describeWireError(error: WireError): string {
  switch (error.kind) {
    case 'truncated':
      return `${error.field} needs ${error.needed} octets and ${error.had} are there`;
    case 'bad-version':
      return `version ${error.found} where ${error.expected} was expected`;
    case 'bad-length':
      return `impossible ${error.field}: ${error.found}`;
    case 'bad-option':
      return `option ${error.code} has the impossible length ${error.length}`;
  }
}
