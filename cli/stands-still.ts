/** Of runs that the ledger has as running while no worker runs. */
export const STANDS_STILL = `what is shown as running stands still: no stack runs here. 'sluice dev' goes on with it.`;
