import { CONTRACT_VERSION } from '@ingero/contract';
import { Command } from 'commander';
import { version } from '../version';

export function versionCommand(): Command {
	return new Command('version').description('print the version').action(() => {
		process.stdout.write(`ingero ${version} (contract ${CONTRACT_VERSION}, node ${process.versions.node})\n`);
	});
}
