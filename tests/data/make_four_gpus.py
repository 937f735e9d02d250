"""Makes `four_gpus.jsonl`: a device trace in the recorded format, for machines without a GPU."""

from __future__ import annotations

import math
from pathlib import Path

from mnist_tui.training.devices.device_readings import (
    GpuProcess,
    GpuReading,
    MachineReading,
    ProcessReading,
)
from mnist_tui.training.devices.device_trace import TraceRecorder

GIB = 1024**3
NUM_READINGS, INTERVAL_S = 20, 2.0
BEGIN = 1_767_323_045.0
SESSION_A, SESSION_B, FOREIGN = 3201, 3202, 4711


def gpus_at(place: int) -> tuple[GpuReading, ...]:
    wave = math.sin(place * 2 * math.pi / NUM_READINGS)
    busy = GpuReading(
        index=0,
        name="NVIDIA A100-SXM4-40GB",
        utilization=round(0.61 + 0.2 * wave, 2),
        memory_used_bytes=int(9.8 * GIB),
        memory_total_bytes=40 * GIB,
        temperature_c=64.0 + round(3 * wave),
        power_w=round(212.0 + 60 * wave, 1),
        power_limit_w=400.0,
        processes=(
            GpuProcess(pid=SESSION_A, memory_bytes=int(6.2 * GIB), user="ada"),
            GpuProcess(pid=FOREIGN, memory_bytes=int(3.1 * GIB), user="grace"),
        ),
    )
    shared = GpuReading(
        index=1,
        name="NVIDIA A100-SXM4-40GB",
        utilization=0.97,
        memory_used_bytes=int(1.4 * GIB),
        memory_total_bytes=40 * GIB,
        temperature_c=71.0,
        power_w=round(366.0 + 8 * wave, 1),
        power_limit_w=400.0,
        processes=(GpuProcess(pid=SESSION_B, memory_bytes=int(1.2 * GIB), user="ada"),),
    )
    idle = GpuReading(
        index=2,
        name="NVIDIA A100-SXM4-40GB",
        utilization=0.0,
        memory_used_bytes=4 * 1024**2,
        memory_total_bytes=40 * GIB,
        temperature_c=31.0,
        power_w=54.2,
        power_limit_w=400.0,
        processes=(),
    )
    silent = GpuReading(
        index=3,
        name="GRID A100-10C",
        utilization=round(0.35 + 0.1 * wave, 2),
        memory_used_bytes=int(7.5 * GIB),
        memory_total_bytes=10 * GIB,
        processes=(GpuProcess(pid=5120),),
    )
    return busy, shared, idle, silent


def reading_at(place: int) -> MachineReading:
    return MachineReading(
        time=BEGIN + place * INTERVAL_S,
        num_cores=64,
        cpu_share=0.12,
        cpu_temperature_c=48.0,
        memory_used_bytes=91 * GIB,
        memory_total_bytes=512 * GIB,
        gpus=gpus_at(place),
        processes=(
            ProcessReading(
                pid=SESSION_A,
                cpu_cores=0.98,
                memory_bytes=1_412 * 1024**2,
                gpu_memory_bytes=int(6.2 * GIB),
                gpus=(0,),
            ),
            ProcessReading(
                pid=SESSION_B,
                cpu_cores=1.02,
                memory_bytes=1_398 * 1024**2,
                gpu_memory_bytes=int(1.2 * GIB),
                gpus=(1,),
            ),
        ),
    )


if __name__ == "__main__":
    path = Path(__file__).with_name("four_gpus.jsonl")
    path.unlink(missing_ok=True)
    recorder = TraceRecorder(path)
    for number in range(NUM_READINGS):
        recorder.append(reading_at(number))
    recorder.close()
    path.chmod(0o644)
