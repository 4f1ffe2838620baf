// The one worker pool of the process: submit tasks, be told when they are done. Nobody waits in here but idle workers.

#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>
#endif

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "shared/winnow_internal.h"

/// Where a chain stands: `stage` is open, and so many of its tasks were started and are done.
typedef struct {
    const size_t *tasks;  // of each stage
    size_t stages, stage, started, done;
} chain;

typedef struct job {
    struct job *next;
    size_t ready;       // tasks of open stages that nobody has started; the job is in the pool's list while there are any
    size_t unfinished;  // chains with a task that is not done
    size_t chain_count;
    unsigned limit, running;
    bool staged;  // a chain has more than one stage
    void (*run)(void *context, winnow_pool_task task, unsigned worker);
    void (*finished)(void *context);
    void *context;
    chain chains[];
} job;

struct winnow_pool {
    pthread_mutex_t lock;
    pthread_cond_t work;
    job *first, *last;  // jobs with tasks that somebody may start
    unsigned wanted, started, idle, spinning;
    unsigned called;  // spinning workers that were told of tasks and have not come for them yet
    bool closing;     // workers end when there is nothing left to do
    atomic_uint news;  // changes whenever tasks become ready: what a spinning worker watches
    pthread_t threads[WINNOW_POOL_MAX_THREADS];
};

/// How long a worker that ran a task of a staged job stays awake for the next stage: longer than parts of one stage differ,
/// and less than a thread takes to fall asleep and be woken.
enum { WINNOW_SPIN_NANOSECONDS = 50000 };

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

static void prepend_job(struct winnow_pool *pool, job *which) {
    which->next = pool->first;
    pool->first = which;
    if (!pool->last) pool->last = which;
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

/// A ready task of the job, the first chain's first; there is one.
static winnow_pool_task take_task(job *j) {
    size_t index = 0;
    while (j->chains[index].stage == j->chains[index].stages
           || j->chains[index].started == j->chains[index].tasks[j->chains[index].stage])
        index++;
    chain *c = &j->chains[index];
    j->ready--;
    return (winnow_pool_task){index, c->stage, c->started++};
}

/// Tells as many waiting workers of new tasks as could take one, those that are awake first; waking more would only have them
/// sleep again. A spinning worker counts once until it comes: two announcements on its way to the lock want two workers.
static void announce(struct winnow_pool *pool, size_t tasks) {
    if (tasks == 0) return;
    size_t awake = pool->spinning - pool->called;
    if (awake > tasks) awake = tasks;
    pool->called += (unsigned)awake;
    atomic_fetch_add_explicit(&pool->news, 1, memory_order_release);
    for (size_t i = 0; i < tasks - awake && i < pool->idle; i++) pthread_cond_signal(&pool->work);
}

/// Notes that a task is done and opens the next stage with its last; the lock is held.
/// - Returns: whether it was the last task of the job.
static bool complete_task(struct winnow_pool *pool, job *j, size_t index) {
    chain *c = &j->chains[index];
    if (++c->done < c->tasks[c->stage]) return false;
    c->stage++;
    c->started = 0;
    c->done = 0;
    if (c->stage == c->stages) return --j->unfinished == 0;
    // Ahead of the other jobs: see the turns in `work`.
    if (j->ready == 0) prepend_job(pool, j);
    j->ready += c->tasks[c->stage];
    // This worker takes one itself.
    announce(pool, c->tasks[c->stage] - 1);
    return false;
}

static void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static uint64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/// Waits awake until tasks become ready or the time is up; the lock is held before and after, not meanwhile.
static void spin(struct winnow_pool *pool) {
    unsigned seen = atomic_load_explicit(&pool->news, memory_order_acquire);
    pool->spinning++;
    pthread_mutex_unlock(&pool->lock);
    uint64_t end = nanoseconds() + WINNOW_SPIN_NANOSECONDS;
    do {
        for (int i = 0; i < 32 && atomic_load_explicit(&pool->news, memory_order_acquire) == seen; i++) pause_briefly();
    } while (atomic_load_explicit(&pool->news, memory_order_acquire) == seen && nanoseconds() < end);
    pthread_mutex_lock(&pool->lock);
    pool->spinning--;
    // Called or not, it looks for a task now, and whoever called may count on that.
    if (pool->called > 0) pool->called--;
}

static void *work(void *argument) {
    worker_start start = *(worker_start *)argument;
    free(argument);
    struct winnow_pool *pool = start.pool;
    bool awaits_stage = false;  // the last thing that this worker did was a task of a staged job
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        job *j = next_job(pool);
        if (!j) {
            if (awaits_stage) {
                awaits_stage = false;
                spin(pool);
            } else if (pool->closing) {
                break;
            } else {
                pool->idle++;
                pthread_cond_wait(&pool->work, &pool->lock);
                pool->idle--;
            }
            continue;
        }
        // Jobs take turns: after each task its job goes to the back, or leaves the list with its last ready task. A later stage
        // stays in front: stages are many and short, and if each waited for its turn behind whole sequences of other requests,
        // a small request would take as long as a large one.
        remove_job(pool, j);
        winnow_pool_task task = take_task(j);
        j->running++;
        if (j->ready > 0) {
            if (task.stage > 0) prepend_job(pool, j);
            else append_job(pool, j);
        }
        pthread_mutex_unlock(&pool->lock);

        j->run(j->context, task, start.index);

        pthread_mutex_lock(&pool->lock);
        bool was_limited = j->running == j->limit;
        j->running--;
        awaits_stage = j->staged;
        if (complete_task(pool, j, task.chain)) {
            awaits_stage = false;
            pthread_mutex_unlock(&pool->lock);
            j->finished(j->context);
            free(j);
            pthread_mutex_lock(&pool->lock);
        } else if (was_limited && j->ready > 0 && pool->idle > 0) {
            pthread_cond_signal(&pool->work);
        }
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/// Starts the threads that are wanted and missing; the lock is held. Fewer than wanted is fine, none is not.
static void start_workers(struct winnow_pool *pool) {
    while (pool->started < pool->wanted) {
        worker_start *start = malloc(sizeof *start);
        if (!start) return;
        *start = (worker_start){pool, pool->started};
        if (pthread_create(&pool->threads[pool->started], NULL, work, start) != 0) {
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

winnow_pool *winnow_pool_create(unsigned threads) {
    winnow_pool *pool = calloc(1, sizeof *pool);
    if (!pool) return NULL;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pool->wanted = threads < WINNOW_POOL_MAX_THREADS ? threads : WINNOW_POOL_MAX_THREADS;
    return pool;
}

void winnow_pool_destroy(winnow_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    pool->closing = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->started; i++) pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

unsigned winnow_pool_sleeping(winnow_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    unsigned sleeping = pool->idle;
    pthread_mutex_unlock(&pool->lock);
    return sleeping;
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

bool winnow_pool_submit(winnow_pool *pool, const winnow_pool_chain *chains, size_t chain_count, unsigned limit,
                        void (*run)(void *context, winnow_pool_task task, unsigned worker),
                        void (*finished)(void *context), void *context) {
    size_t kept = 0, stages = 0;
    for (size_t i = 0; i < chain_count; i++) {
        if (chains[i].stages == 0) continue;
        kept++;
        stages += chains[i].stages;
    }
    if (kept == 0) {
        finished(context);
        return true;
    }
    size_t header = sizeof(job) + chain_count * sizeof(chain);
    job *j = malloc(header + stages * sizeof(size_t));
    if (!j) return false;
    *j = (job){.chain_count = chain_count, .unfinished = kept, .run = run, .finished = finished, .context = context};
    size_t *tasks = (size_t *)((char *)j + header);
    for (size_t i = 0; i < chain_count; i++) {
        j->chains[i] = (chain){.tasks = tasks, .stages = chains[i].stages};
        for (size_t stage = 0; stage < chains[i].stages; stage++) *tasks++ = chains[i].tasks[stage];
        if (chains[i].stages > 0) j->ready += chains[i].tasks[0];
        if (chains[i].stages > 1) j->staged = true;
    }
    pthread_mutex_lock(&pool->lock);
    start_workers(pool);
    if (pool->started == 0) {
        pthread_mutex_unlock(&pool->lock);
        free(j);
        return false;
    }
    j->limit = limit == 0 ? pool->wanted : limit;
    append_job(pool, j);
    announce(pool, j->ready < j->limit ? j->ready : j->limit);
    pthread_mutex_unlock(&pool->lock);
    return true;
}

// MARK: - Work in which the caller takes part

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t all_done;
    size_t tasks, started, done;
    unsigned holders;  // the caller, and the submitted job until it has finished
    void (*run)(void *context, size_t task);
    void *context;  // the caller's: not to be touched once all tasks are started
} common_work;

/// Runs tasks until all are started.
static void take_part(common_work *work) {
    pthread_mutex_lock(&work->lock);
    while (work->started < work->tasks) {
        size_t task = work->started++;
        pthread_mutex_unlock(&work->lock);
        work->run(work->context, task);
        pthread_mutex_lock(&work->lock);
        if (++work->done == work->tasks) pthread_cond_signal(&work->all_done);
    }
    pthread_mutex_unlock(&work->lock);
}

static void let_go(common_work *work) {
    pthread_mutex_lock(&work->lock);
    bool is_last = --work->holders == 0;
    pthread_mutex_unlock(&work->lock);
    if (!is_last) return;
    pthread_cond_destroy(&work->all_done);
    pthread_mutex_destroy(&work->lock);
    free(work);
}

static void help(void *work, winnow_pool_task task, unsigned worker) {
    (void)task, (void)worker;
    take_part(work);
}

static void helped(void *work) { let_go(work); }

void winnow_pool_run(winnow_pool *pool, size_t tasks, unsigned threads, void (*run)(void *context, size_t task),
                     void *context) {
    size_t helpers = threads > tasks ? tasks : threads;
    common_work *work = helpers > 1 ? malloc(sizeof *work) : NULL;
    if (!work) {
        for (size_t task = 0; task < tasks; task++) run(context, task);
        return;
    }
    *work = (common_work){.lock = PTHREAD_MUTEX_INITIALIZER,
                          .all_done = PTHREAD_COND_INITIALIZER,
                          .tasks = tasks,
                          .holders = 2,
                          .run = run,
                          .context = context};
    helpers--;
    winnow_pool_chain chain = {&helpers, 1};
    if (!winnow_pool_submit(pool, &chain, 1, (unsigned)helpers, help, helped, work)) let_go(work);
    take_part(work);
    pthread_mutex_lock(&work->lock);
    while (work->done < work->tasks) pthread_cond_wait(&work->all_done, &work->lock);
    pthread_mutex_unlock(&work->lock);
    let_go(work);
}
