/* meterfleet-sim: virtual RS485 buses of KPM31 meters. */
#include <stdio.h>

#include "core/log.h"
#include "core/rc.h"
#include "sim/sim_options.h"
#include "sim/sim_world.h"

int main(int argc, char **argv)
{
    struct sim_options options;
    struct sim_world world;
    log_open(false, LOG_LEVEL_INFO);
    int exit_code = sim_options_read(argc, argv, &options);
    if (exit_code != EXIT_DONE || options.enough)
        return exit_code;
    exit_code = sim_world_init(&world, &options);
    if (exit_code == EXIT_DONE)
        exit_code = sim_world_run(&world);
    sim_world_done(&world);
    return exit_code;
}
