// Launches an empty kernel again and again, as fast as the CPU can, and measures itself on command.
//
//     nvcc -O2 -cudart shared -o launch_loop launch_loop.cu
//     ./launch_loop LAUNCHES [read-back]
//
// An iteration is one launch; after LAUNCHES of them the stream is synchronized, with `read-back` after a copy of four bytes to
// the host, so that the launches are a step. Lines on stdin are answered by one line of JSON each: see answering.py.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <unistd.h>
#include <vector>

#include <cuda_runtime.h>

#ifndef LAUNCH
#define LAUNCH(kernel, stream) kernel<<<1, 32, 0, stream>>>()
#endif

namespace {

// Of what is to be measured this much passes first, so that caches and clocks are as they are under load.
constexpr double kWarmUpShare = 0.15;

__global__ void nothing() {}

int64_t now_ns() {
	timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

void check(cudaError_t error) {
	if (error == cudaSuccess) return;
	fprintf(stderr, "launch_loop: CUDA error %d\n", int(error));
	exit(1);
}

struct Loop {
	int launches;
	bool read_back;
	cudaStream_t stream;
	int *device;
	int *host;
	int64_t iterations;

	// Returns the ns of one launch, waits included.
	double batch() {
		int64_t began_ns = now_ns();
		for (int i = 0; i < launches; ++i) LAUNCH(nothing, stream);
		if (read_back) check(cudaMemcpyAsync(host, device, sizeof *host, cudaMemcpyDeviceToHost, stream));
		check(cudaStreamSynchronize(stream));
		iterations += launches;
		return double(now_ns() - began_ns) / launches;
	}
};

double quantile(const std::vector<double> &sorted, double fraction) {
	return sorted[size_t(fraction * double(sorted.size() - 1))];
}

void measure(Loop &loop, double seconds) {
	std::vector<double> samples;
	int64_t began_ns = now_ns();
	int64_t warm_ns = began_ns + int64_t(seconds * kWarmUpShare * 1e9);
	int64_t end_ns = began_ns + int64_t(seconds * 1e9);
	while (now_ns() < warm_ns) loop.batch();
	do samples.push_back(loop.batch());
	while (now_ns() < end_ns);
	double sum = 0;
	for (double sample : samples) sum += sample;
	std::sort(samples.begin(), samples.end());
	printf("{\"n\": %zu, \"p10\": %.1f, \"p50\": %.1f, \"p95\": %.1f, \"mean\": %.1f, \"count\": %lld}\n", samples.size(),
		quantile(samples, .1), quantile(samples, .5), quantile(samples, .95), sum / double(samples.size()),
		(long long)loop.iterations);
}

}  // namespace

int main(int argc, char **argv) {
	bool read_back = argc == 3 && strcmp(argv[2], "read-back") == 0;
	if (argc < 2 || (argc == 3 && !read_back) || argc > 3 || atoi(argv[1]) < 1) {
		fprintf(stderr, "usage: launch_loop LAUNCHES [read-back]\n");
		return 2;
	}
	Loop loop{atoi(argv[1]), read_back, nullptr, nullptr, nullptr, 0};
	check(cudaStreamCreate(&loop.stream));
	void *device, *host;
	check(cudaMalloc(&device, sizeof *loop.device));
	check(cudaMallocHost(&host, sizeof *loop.host));
	loop.device = static_cast<int *>(device);
	loop.host = static_cast<int *>(host);
	loop.batch();
	printf("{\"ready\": true, \"pid\": %d}\n", getpid());
	fflush(stdout);
	char line[256];
	while (fgets(line, sizeof line, stdin)) {
		double seconds;
		if (sscanf(line, "measure %lf", &seconds) == 1) measure(loop, seconds);
		else if (strcmp(line, "count\n") == 0) printf("{\"count\": %lld}\n", (long long)loop.iterations);
		else printf("{\"error\": \"unknown command\"}\n");
		fflush(stdout);
	}
	return 0;
}
