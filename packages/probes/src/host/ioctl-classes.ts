/** What an ioctl of the NVIDIA driver is about. */
export type IoctlClass = 'alloc' | 'free' | 'control' | 'event' | 'other';

/**
 * Numbers (low byte of the command) as the driver's open sources have them; the programs in bpf/programs/memory_ioctl.c
 * tell `alloc` and `free` apart by the same ones.
 */
const CLASSES: ReadonlyMap<number, IoctlClass> = new Map([
	[0x27, 'alloc'], // alloc memory
	[0x28, 'alloc'], // alloc object
	[0x29, 'free'],
	[0x2a, 'control'],
	[0x2b, 'alloc'],
	[0x34, 'alloc'], // dup
	[0x35, 'alloc'], // share
	[0x4a, 'alloc'], // video heap control
	[0x4e, 'alloc'], // map memory
	[0x4f, 'free'], // unmap memory
	[0x52, 'event'],
	[0x57, 'alloc'], // map for DMA
	[0x58, 'free'], // unmap for DMA
]);

/** @param number low byte of an ioctl command, 0 to 255 */
export function ioctlClass(number: number): IoctlClass {
	return CLASSES.get(number) ?? 'other';
}
