/** Hands octets to the browser as a file. */
export function download(name: string, parts: readonly Uint8Array<ArrayBuffer>[]): void {
  const url = URL.createObjectURL(new Blob([...parts], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser may not have begun to read it when the click returns.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
