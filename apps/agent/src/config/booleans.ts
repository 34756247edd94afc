/** Flags that are on when given bare and take `=true` or `=false`. */
const BOOLEAN_FLAGS = [
	'--inference',
	'--json',
	'--record',
	'--inference-fingerprint-key',
	'--strict',
	'--allow-stepped-sites',
	'--sites',
	'--nccl',
	'--cuda-runtime',
	'--stack',
	'--guard',
	'--no-io',
	'--no-tcp',
	'--enable-experimental-kprobes',
	'--memory-ioctl-tracepoints',
];

/**
 * Turns a bare `--json` into `--json=true`. Otherwise an option with an optional value would swallow the word after it,
 * as in `replay --json FILE`.
 */
export function spellOutBooleans(args: readonly string[]): string[] {
	return args.map((arg) => (BOOLEAN_FLAGS.includes(arg) ? `${arg}=true` : arg));
}
