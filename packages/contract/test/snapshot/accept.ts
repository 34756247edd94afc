/** Accepts the contract as built and prints what is new about it. Run by `pnpm contract:accept`. */
import { readFileSync, writeFileSync } from 'node:fs';
import * as contract from '@ingero/contract';
import { diff } from './diff.ts';
import { takeSnapshot } from './snapshot.ts';

const file = new URL('contract.snapshot.json', import.meta.url);
const accepted = JSON.parse(readFileSync(file, 'utf8'));
const current = takeSnapshot(contract);
const changes = diff(accepted, current);
writeFileSync(file, `${JSON.stringify(current, null, '\t')}\n`);
console.log(changes.length === 0 ? 'Nothing changed.' : changes.join('\n'));
