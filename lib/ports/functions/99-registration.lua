---- registration ----

local function register(name, callback, ...)
  local function run(K, A)
    if not call then bind() end
    return callback(K, A)
  end
  redis.register_function({ function_name = name, callback = run, flags = { ... } })
end
register('lh_submit', submit)
register('lh_retry', retry)
register('lh_claim', claim, 'allow-oom')
register('lh_renew', renew, 'allow-oom')
register('lh_progress', progress, 'allow-oom')
register('lh_finish', finish, 'allow-oom')
register('lh_cancel', cancel, 'allow-oom')
register('lh_remove', remove, 'allow-oom')
register('lh_tick', tick, 'allow-oom')
register('lh_expire', expire, 'allow-oom')
register('lh_discarded', discarded, 'allow-oom')
register('lh_audit', audit, 'allow-oom')
register('lh_stats', stats, 'allow-oom', 'no-writes')
register('lh_snapshot', snapshot, 'allow-oom', 'no-writes')
register('lh_list', list, 'allow-oom', 'no-writes')
register('lh_version', function() return VERSION end, 'allow-oom', 'no-writes')
