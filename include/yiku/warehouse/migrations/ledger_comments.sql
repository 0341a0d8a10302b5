-- What each column of the ledger and of its neighbours holds. Those of newer migrations say it themselves.

comment on table ops.migration is '执行过的迁移脚本';

comment on column ops.access_limit.role is '角色';
comment on column ops.access_limit.most_a_day is '每天最多登记查看多少人';

comment on column ops.access_log.at is '登记时间';
comment on column ops.access_log.login is '登录名';
comment on column ops.access_log.action is 'unmask 查看明文，audit 审计读取';
comment on column ops.access_log.object is '读取的对象';
comment on column ops.access_log.person_sk is '查看的人';
comment on column ops.access_log.reason is '原因';
comment on column ops.access_log.access_id is '登记编号';

comment on column ops.build_node.night_id is '哪一夜';
comment on column ops.build_node.node is 'dbt 节点';
comment on column ops.build_node.status is 'dbt 给出的结果';
comment on column ops.build_node.seconds is '用时，秒';
comment on column ops.build_node.failures is '未通过的行数';
comment on column ops.build_node.message is '出错的类型，不含任何人的信息';

comment on column ops.digest_sent.recipient is '收件人，见 recipients.yml';
comment on column ops.digest_sent.business_date is '业务日期';
comment on column ops.digest_sent.channel is '渠道';
comment on column ops.digest_sent.fingerprint is '内容指纹：相同的不再发';
comment on column ops.digest_sent.sent_at is '发送时间';

comment on column ops.finding.finding_id is '发现编号';
comment on column ops.finding.submission_id is '提交编号';
comment on column ops.finding.part is '同一工作表上第几张表';
comment on column ops.finding.row_id is '行标识';
comment on column ops.finding.template is '名单代码';
comment on column ops.finding.header is '表上的列名，不含任何人的信息';
comment on column ops.finding.facts is '话里要填的事实，不含任何人的信息';
comment on column ops.finding.opened_on is '何日提出（业务日期）';

comment on column ops.header_confirmation.unit_code is '报送单位';
comment on column ops.header_confirmation.template is '名单代码';
comment on column ops.header_confirmation.header is '表上的列名';
comment on column ops.header_confirmation.field is '确认为哪个字段';
comment on column ops.header_confirmation.submission_id is '确认所在的提交';
comment on column ops.header_confirmation.confirmed_at is '确认时间';

comment on column ops.inbox_seen.location is '收件箱地址，不含口令';
comment on column ops.inbox_seen.path_hash is '路径指纹';
comment on column ops.inbox_seen.path is '路径（其中的身份证号已遮盖）';
comment on column ops.inbox_seen.size_bytes is '字节数';
comment on column ops.inbox_seen.stamp is '存储处给出的修改标记';
comment on column ops.inbox_seen.sha256 is '内容指纹';
comment on column ops.inbox_seen.seen_at is '看到的时间';

comment on column ops.login_scope.login is '登录名';
comment on column ops.login_scope.county_code is '可看的县区';
comment on column ops.login_scope.town_code is '可看的乡镇；为空时是全县';

comment on column ops.masked_cell.night_id is '哪一夜';

comment on column ops.migration.name is '脚本';
comment on column ops.migration.sha256 is '内容指纹';
comment on column ops.migration.applied_at is '执行时间';

comment on column ops.night.night_id is '编号';
comment on column ops.night.business_date is '业务日期';
comment on column ops.night.run_id is 'Airflow 的运行编号';
comment on column ops.night.inbox is '收件箱地址，不含口令';
comment on column ops.night.started_at is '开始时间';
comment on column ops.night.finished_at is '结束时间';
comment on column ops.night.seconds is '各步骤用时，秒';
comment on column ops.night.counts is '各步骤的计数';

comment on column ops.night_gate.nothing is '没有行';

comment on column ops.night_turn.only_one is '只有一行';
comment on column ops.night_turn.night_id is '轮到哪一夜';
comment on column ops.night_turn.watcher_since is '守着的会话何时开始';

comment on column ops.shadow_relation.night_id is '哪一夜';
comment on column ops.shadow_relation.part is '模式';
comment on column ops.shadow_relation.name is '表';
comment on column ops.shadow_relation.relation is '表的标识（oid）';

comment on column ops.submission.submission_id is '编号';
comment on column ops.submission.container is '所在压缩包的文件名';
comment on column ops.submission.archive_key is '归档中的位置';
comment on column ops.submission.size_bytes is '字节数';
comment on column ops.submission.book_format is '文件格式';
comment on column ops.submission.grid_hash is '单元格内容的指纹：另存的同一张表也相同';
comment on column ops.submission.is_correction is '文件名说是更正';
comment on column ops.submission.is_supplement is '文件名说是补报';
comment on column ops.submission.fill_date is '表上的填报日期';
comment on column ops.submission.saved_at is '程序记下的保存时间';
comment on column ops.submission.duplicate_of is '与哪次提交重复';
comment on column ops.submission.superseded_by is '被哪次提交代替';
comment on column ops.submission.replay is '补跑较早的一夜时收到';
comment on column ops.submission.undone_at is '撤销时间';
comment on column ops.submission.processed_at is '判定时间';

comment on column ops.submission_sheet.submission_id is '提交编号';
comment on column ops.submission_sheet.sheet is '工作表（其中的号码和姓名已遮盖）';
comment on column ops.submission_sheet.part is '同一工作表上第几张表';
comment on column ops.submission_sheet.template is '名单代码';
comment on column ops.submission_sheet.period is '报告期';
comment on column ops.submission_sheet.status is '结果，同 ops.submission';
comment on column ops.submission_sheet.reason is '规则编号';
comment on column ops.submission_sheet.rows_read is '读到的数据行数';
comment on column ops.submission_sheet.rows_loaded is '入库行数';
comment on column ops.submission_sheet.rows_quarantined is '退回行数';
comment on column ops.submission_sheet.rows_dropped is '不改变任何内容的行数';

comment on column ops.withdrawn_now.template is '名单代码';
comment on column ops.withdrawn_now.key is '业务主键';
comment on column ops.withdrawn_now.submission_id is '删除所在的提交';
comment on column ops.withdrawn_now.received_at is '收到时间';
comment on column ops.withdrawn_now.version is '版本次序';

comment on column ops.withdrawn_row.template is '名单代码';
comment on column ops.withdrawn_row.key is '业务主键';
comment on column ops.withdrawn_row.submission_id is '删除所在的提交';
comment on column ops.withdrawn_row.row_no is '行号';

comment on column pairing.gap.run_id is '哪次测算';
comment on column pairing.gap.county_code is '县区代码';
comment on column pairing.gap.part is 'chiefs 专家组长，technicians 技术员';
comment on column pairing.gap.gap_no is '第几个缺口';
comment on column pairing.gap.want_keys is '无人可配的对象';
comment on column pairing.gap.industries is '所需产业';
comment on column pairing.gap.reason is '缺口的类型';
comment on column pairing.gap.nearest_sk is '最近的帮扶人';
comment on column pairing.gap.distance_km is '与他的距离，公里';
comment on column pairing.gap.beyond_km is '超出最远距离多少公里';
comment on column pairing.gap.why is '给人看的原因';

comment on column pairing.proposal.run_id is '哪次测算';
comment on column pairing.proposal.county_code is '县区代码';
comment on column pairing.proposal.part is 'chiefs 专家组长，technicians 技术员';
comment on column pairing.proposal.want_key is '对象（村或户）';
comment on column pairing.proposal.person_sk is '建议的帮扶人';
comment on column pairing.proposal.industry is '产业';
comment on column pairing.proposal.distance_km is '距离，公里';
comment on column pairing.proposal.distance_basis is '距离按什么算';
comment on column pairing.proposal.load_after is '采纳后他的对象数';
comment on column pairing.proposal.load_most is '他最多可带的对象数';
comment on column pairing.proposal.is_standing is '现有的结对';
comment on column pairing.proposal.replaces_sk is '代替哪个帮扶人';
comment on column pairing.proposal.next_best_sk is '次优的帮扶人';
comment on column pairing.proposal.extra_km is '换成次优者总距离增加多少公里';
comment on column pairing.proposal.why is '给人看的理由';

comment on column pairing.run.run_id is '编号';
comment on column pairing.run.county_code is '县区代码';
comment on column pairing.run.part is 'chiefs 专家组长，technicians 技术员';
comment on column pairing.run.business_date is '业务日期';
comment on column pairing.run.status is '求解结果';
comment on column pairing.run.helpers is '帮扶人数';
comment on column pairing.run.wanted is '对象数';
comment on column pairing.run.paired is '配上的对象数';
comment on column pairing.run.kept is '沿用现有结对的对象数';
comment on column pairing.run.objective is '目标值';
comment on column pairing.run.greedy_paired is '逐个分配时配上的对象数';
comment on column pairing.run.seconds is '用时，秒';
comment on column pairing.run.ran_at is '测算时间';

comment on column register.identity_key.only_one is '只有一行';
comment on column register.identity_key.key is '密钥';

comment on column register.link_decision.decision_id is '编号';
comment on column register.link_decision.row_id is '所决定的行';
comment on column register.link_decision.person_sk is '该行所指的人；空：不是证件号码所指的那个人';
comment on column register.link_decision.tier is '关联等级';
comment on column register.link_decision.rule is '依据的规则';
comment on column register.link_decision.submission_id is '提交编号';
comment on column register.link_decision.decided_by is '谁决定';
comment on column register.link_decision.decided_at is '何时决定';
comment on column register.link_decision.reversed_at is '何时收回';

comment on column register.person.person_sk is '人员标识';
comment on column register.person.id_no is '证件号码';
comment on column register.person.name is '姓名';
comment on column register.person.birth_date is '出生日期';
comment on column register.person.phone is '电话';
comment on column register.person.household_no is '户编号';
comment on column register.person.household_sk is '户标识';
comment on column register.person.county_code is '县区代码';
comment on column register.person.town_code is '乡镇代码';
comment on column register.person.village_code is '村代码';
comment on column register.person.member_state is '成员状态';
comment on column register.person.school is '在校情况';
comment on column register.person.labour_capacity is '劳动能力';

comment on column register.person_as_of.only_one is '只有一行';
comment on column register.person_as_of.business_date is '按哪一天';
comment on column register.person_as_of.signature is '所依据来件的指纹';

comment on column register.person_id_history.person_sk is '人员标识';
comment on column register.person_id_history.id_no is '证件号码';
comment on column register.person_id_history.kind is '号码的种类';
comment on column register.person_id_history.valid_from is '从何日起';
comment on column register.person_id_history.source is '来自哪里';
comment on column register.person_id_history.recorded_at is '记录时间';
