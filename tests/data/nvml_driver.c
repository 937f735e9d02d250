/* A stand-in for NVIDIA's libnvidia-ml.so.1, so that the real nvidia-ml-py can be called where there
   is no GPU. It has four GPUs: a healthy one with a process of ours and of others, one under MIG, one
   that has fallen off the bus, one that belongs to another container. NVML_STAND_IN says what else is
   wrong: "not loaded", "hangs", "old" (no functions of drivers since 510) or "gone" (after the first
   count). Structures and codes are those of nvml.h. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int nvmlReturn_t;
typedef struct device *nvmlDevice_t;
enum {
    SUCCESS = 0, UNINITIALIZED = 1, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NO_PERMISSION = 4,
    INSUFFICIENT_SIZE = 7, DRIVER_NOT_LOADED = 9, FUNCTION_NOT_FOUND = 13, GPU_IS_LOST = 15
};
enum { HEALTHY = 1, MIG = 2, LOST = 3, FOREIGN = 4 };
struct memory { unsigned long long total, free, used; };
struct memory_v2 { unsigned int version; unsigned long long total, reserved, free, used; };
struct utilization { unsigned int gpu, memory; };
struct process { unsigned int pid; unsigned long long used; unsigned int gpu_instance, compute_instance; };

static int is(const char *what) {
    const char *mode = getenv("NVML_STAND_IN");
    return mode != NULL && strcmp(mode, what) == 0;
}
static long which(nvmlDevice_t device) { return (long)device; }
static nvmlReturn_t state(nvmlDevice_t device) {
    if (which(device) == LOST) return GPU_IS_LOST;
    return which(device) == MIG ? NOT_SUPPORTED : SUCCESS;
}

nvmlReturn_t nvmlInitWithFlags(unsigned int flags) {
    return is("not loaded") ? DRIVER_NOT_LOADED : SUCCESS;
}
nvmlReturn_t nvmlShutdown(void) { return SUCCESS; }
const char *nvmlErrorString(nvmlReturn_t code) { return "stand-in"; }
nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int *count) {
    static int asked = 0;
    if (is("hangs")) sleep(600);
    if (is("gone") && asked++) return UNINITIALIZED;
    *count = 4;
    return SUCCESS;
}
nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *device) {
    if (index + 1 == FOREIGN) return NO_PERMISSION;
    *device = (nvmlDevice_t)(long)(index + 1);
    return SUCCESS;
}
nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t device, char *name, unsigned int length) {
    if (which(device) == LOST) return GPU_IS_LOST;
    strncpy(name, which(device) == MIG ? "NVIDIA A100-SXM4-40GB" : "NVIDIA GeForce RTX 4090", length);
    return SUCCESS;
}
nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t device, struct utilization *rates) {
    rates->gpu = 61;
    rates->memory = 20;
    return state(device);
}
nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t device, struct memory *memory) {
    if (which(device) == LOST) return GPU_IS_LOST;
    memory->total = 24ULL << 30;
    memory->used = 10ULL << 30; /* with what the driver keeps for itself */
    memory->free = 14ULL << 30;
    return SUCCESS;
}
nvmlReturn_t nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t device, struct memory_v2 *memory) {
    if (is("old")) return FUNCTION_NOT_FOUND;
    if (memory->version != 0x02000028) return INVALID_ARGUMENT;
    if (which(device) == LOST) return GPU_IS_LOST;
    memory->total = 24ULL << 30;
    memory->reserved = 1ULL << 30;
    memory->used = 9ULL << 30;
    memory->free = 14ULL << 30;
    return SUCCESS;
}
nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t device, int sensor, unsigned int *celsius) {
    *celsius = which(device) == MIG ? 38 : 64;
    return which(device) == LOST ? GPU_IS_LOST : SUCCESS;
}
nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned int *milliwatts) {
    *milliwatts = which(device) == MIG ? 0xffffffffu : 212300;
    return which(device) == LOST ? GPU_IS_LOST : SUCCESS;
}
nvmlReturn_t nvmlDeviceGetEnforcedPowerLimit(nvmlDevice_t device, unsigned int *milliwatts) {
    *milliwatts = 450000;
    return state(device);
}
static nvmlReturn_t list(nvmlDevice_t device, unsigned int *count, struct process *found) {
    if (which(device) == MIG) return NO_PERMISSION;
    if (which(device) == LOST) return GPU_IS_LOST;
    if (*count < 2) {
        *count = 2;
        return INSUFFICIENT_SIZE;
    }
    memset(found, 0, 2 * sizeof *found);
    found[0].pid = (unsigned int)atoi(getenv("NVML_PID"));
    found[0].used = 5ULL << 30;
    found[1].pid = 4000001; /* lives in another container: not to be looked at */
    found[1].used = ~0ULL;
    *count = 2;
    return SUCCESS;
}
nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v3(
    nvmlDevice_t device, unsigned int *count, struct process *found) {
    return is("old") ? FUNCTION_NOT_FOUND : list(device, count, found);
}
nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v2(
    nvmlDevice_t device, unsigned int *count, struct process *found) {
    return list(device, count, found);
}
nvmlReturn_t nvmlDeviceGetGraphicsRunningProcesses_v3(
    nvmlDevice_t device, unsigned int *count, struct process *found) {
    return is("old") ? FUNCTION_NOT_FOUND : list(device, count, found);
}
