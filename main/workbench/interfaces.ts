import type { InterfaceInfo, Result, WorkbenchError } from '../../preload/contract.ts';
import { listInterfaces as list } from '../capture/helper.ts';
import { ok } from '../wire/result.ts';

/** The interfaces of this machine in the words of the contract. */
export async function interfaces(): Promise<Result<readonly InterfaceInfo[], WorkbenchError>> {
  const found = await list();
  if (!found.ok) return found;
  return ok(
    found.value.map((one) => ({
      ...one,
      addresses: one.addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`),
      linkType: one.linkType?.name ?? '',
    })),
  );
}
