// The one worker pool of the process: submit tasks, be told when they are done. Nobody waits in here but idle workers.

#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>
#endif

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "shared/winnow_internal.h"

typedef struct job {
    struct job *next;
    size_t tasks, started, done;
    unsigned limit, running;
    void (*run)(void *context, size_t task, unsigned worker);
    void (*finished)(void *context);
    void *context;
} job;

struct winnow_pool {
    pthread_mutex_t lock;
    pthread_cond_t work;
    job *first, *last;  // jobs with tasks that nobody has started
    unsigned wanted, started, idle;
};

static struct winnow_pool shared = {.lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER};
static pthread_once_t sized = PTHREAD_ONCE_INIT;

// MARK: - How many processors

#if defined(__linux__)
/// Processors that a cgroup v2 or v1 quota leaves, 0 for no limit.
static unsigned quota_processors(void) {
    long long quota = -1, period = 0;
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "r");
    if (file) {
        if (fscanf(file, "%lld %lld", &quota, &period) != 2) quota = -1;  // "max 100000" has no quota
        fclose(file);
    } else {
        file = fopen("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "r");
        if (file) {
            if (fscanf(file, "%lld", &quota) != 1) quota = -1;
            fclose(file);
        }
        file = fopen("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "r");
        if (file) {
            if (fscanf(file, "%lld", &period) != 1) period = 0;
            fclose(file);
        }
    }
    if (quota <= 0 || period <= 0) return 0;
    long long processors = (quota + period - 1) / period;
    return processors > WINNOW_POOL_MAX_THREADS ? WINNOW_POOL_MAX_THREADS : (unsigned)processors;
}
#endif

unsigned winnow_processor_count(void) {
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned count = online > 0 ? (unsigned)online : 1;
#if defined(__linux__)
    cpu_set_t mask;
    if (sched_getaffinity(0, sizeof mask, &mask) == 0 && CPU_COUNT(&mask) > 0) count = (unsigned)CPU_COUNT(&mask);
    unsigned quota = quota_processors();
    if (quota > 0 && quota < count) count = quota;
#endif
    return count < WINNOW_POOL_MAX_THREADS ? count : WINNOW_POOL_MAX_THREADS;
}

// MARK: - Workers

/// A job that a worker may take a task of; the lock is held. Jobs at their limit stay in the list.
static job *next_job(struct winnow_pool *pool) {
    for (job *j = pool->first; j; j = j->next)
        if (j->running < j->limit) return j;
    return NULL;
}

static void remove_job(struct winnow_pool *pool, job *which) {
    job *before = NULL;
    for (job *j = pool->first; j != which; j = j->next) before = j;
    if (before) before->next = which->next;
    else pool->first = which->next;
    if (pool->last == which) pool->last = before;
    which->next = NULL;
}

static void append_job(struct winnow_pool *pool, job *which) {
    which->next = NULL;
    if (pool->last) pool->last->next = which;
    else pool->first = which;
    pool->last = which;
}

typedef struct {
    struct winnow_pool *pool;
    unsigned index;
} worker_start;

static void *work(void *argument) {
    worker_start start = *(worker_start *)argument;
    free(argument);
    struct winnow_pool *pool = start.pool;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        job *j = next_job(pool);
        if (!j) {
            pool->idle++;
            pthread_cond_wait(&pool->work, &pool->lock);
            pool->idle--;
            continue;
        }
        size_t task = j->started++;
        j->running++;
        // Jobs take turns: after each task its job goes to the back, or leaves the list with its last task.
        remove_job(pool, j);
        if (j->started < j->tasks) append_job(pool, j);
        pthread_mutex_unlock(&pool->lock);

        j->run(j->context, task, start.index);

        pthread_mutex_lock(&pool->lock);
        bool was_limited = j->running == j->limit;
        j->running--;
        if (++j->done == j->tasks) {
            pthread_mutex_unlock(&pool->lock);
            j->finished(j->context);
            free(j);
            pthread_mutex_lock(&pool->lock);
        } else if (was_limited && pool->idle > 0) {
            pthread_cond_signal(&pool->work);
        }
    }
    return NULL;
}

/// Starts the threads that are wanted and missing; the lock is held. Fewer than wanted is fine, none is not.
static void start_workers(struct winnow_pool *pool) {
    while (pool->started < pool->wanted) {
        worker_start *start = malloc(sizeof *start);
        if (!start) return;
        *start = (worker_start){pool, pool->started};
        pthread_attr_t attributes;
        pthread_t thread;
        if (pthread_attr_init(&attributes) != 0) {
            free(start);
            return;
        }
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        int failed = pthread_create(&thread, &attributes, work, start);
        pthread_attr_destroy(&attributes);
        if (failed) {
            free(start);
            return;
        }
        pool->started++;
    }
}

// MARK: - The public face

static void size_shared(void) { shared.wanted = winnow_processor_count(); }

winnow_pool *winnow_pool_shared(void) {
    pthread_once(&sized, size_shared);
    return &shared;
}

void winnow_pool_reserve(winnow_pool *pool, unsigned threads) {
    pthread_mutex_lock(&pool->lock);
    if (threads > WINNOW_POOL_MAX_THREADS) threads = WINNOW_POOL_MAX_THREADS;
    if (threads > pool->wanted) pool->wanted = threads;
    pthread_mutex_unlock(&pool->lock);
}

unsigned winnow_pool_threads(const winnow_pool *pool) {
    winnow_pool *mutable_pool = (winnow_pool *)pool;
    pthread_mutex_lock(&mutable_pool->lock);
    unsigned threads = pool->wanted;
    pthread_mutex_unlock(&mutable_pool->lock);
    return threads;
}

bool winnow_pool_submit(winnow_pool *pool, size_t tasks, unsigned limit,
                        void (*run)(void *context, size_t task, unsigned worker), void (*finished)(void *context),
                        void *context) {
    if (tasks == 0) {
        finished(context);
        return true;
    }
    job *j = malloc(sizeof *j);
    if (!j) return false;
    pthread_mutex_lock(&pool->lock);
    start_workers(pool);
    if (pool->started == 0) {
        pthread_mutex_unlock(&pool->lock);
        free(j);
        return false;
    }
    if (limit == 0) limit = pool->wanted;
    *j = (job){.tasks = tasks, .limit = limit, .run = run, .finished = finished, .context = context};
    append_job(pool, j);
    // One wake-up a task that may start now; waking more would only have them sleep again.
    size_t wake = tasks < limit ? tasks : limit;
    for (size_t i = 0; i < wake && i < pool->idle; i++) pthread_cond_signal(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    return true;
}
