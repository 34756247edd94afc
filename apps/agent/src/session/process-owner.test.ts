import { userInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../errors';
import { userId, userName } from './process-owner';

describe('a user', () => {
	test('is known by name and by number', () => {
		const { username, uid } = userInfo();
		expect(userId(username)).toBe(uid);
		expect(userId(String(uid))).toBe(uid);
		expect(userName(uid)).toBe(username);
	});

	test('of a container may have no name here', () => {
		expect(userId('4294967294')).toBe(4294967294);
		expect(userName(4294967294)).toBe('4294967294');
	});

	test.each(['', 'no such user', '4294967295', '-1', '--help'])('is refused: "%s"', (user) => {
		expect(() => userId(user)).toThrow(UsageError);
		expect(() => userId(user)).toThrow(`--user ${user}: no such user`);
	});
});
