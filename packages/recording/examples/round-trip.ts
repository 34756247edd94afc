import { encodeHeader, RECORD_WORDS, RecordingDecoder } from '@ingero/recording';

// Write: a header, then records of twelve words; any number of chunks, in any file or stream.
const operations = new Map([[3, { name: 'cuLaunchKernel', args: ['function', 'stream', 'grid'] }]]);
const header = encodeHeader({ operations, gpu: 'H100', workload: 'two launches' });
const records = new Uint32Array(2 * RECORD_WORDS);
//           time, 2 words; duration; pid; tid; operation; three arguments, 2 words each
records.set([1_000_000, 0, 0, 4242, 4243, 3, 0x5c002000, 0x7f3a, 0, 0, 262_272, 0]);
records.set([1_080_000, 0, 0, 4242, 4243, 3, 0x5c004000, 0x7f3a, 0, 0, 131_136, 0], RECORD_WORDS);

// Read.
const decoder = new RecordingDecoder({
	onHeader: ({ gpu, workload }) => console.log(`${workload} on ${gpu}`),
	onRecords: (words, count) => {
		for (let at = 0; at < count * RECORD_WORDS; at += RECORD_WORDS) {
			const name = decoder.header?.operations.get(words[at + 5] ?? 0)?.name;
			console.log(`${words[at]} ns: ${name} by process ${words[at + 3]}`);
		}
	},
});
decoder.push(header);
decoder.push(new Uint8Array(records.buffer));
const { records: whole, cutBytes } = decoder.end();
console.log(`${whole} records, ${cutBytes} bytes of one that was cut off`);
