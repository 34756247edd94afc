/* Maps a file as code, as the loader maps a library, says so, and stays until its input ends. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>

int main(int argc, char **argv)
{
	int file = argc > 1 ? open(argv[1], O_RDONLY) : -1;

	if (file < 0 || mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0) == MAP_FAILED) {
		perror("mapped-file");
		return 1;
	}
	puts("mapped");
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}
