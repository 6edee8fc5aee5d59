import { Button, Group, Image, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Camera } from '../../schema/api.js';
import { askCamera } from '../api.js';
import { ApiError } from '../http.js';

/** What a person may ask of one camera: one picture, its people pixelated, or to connect it anew. */
export function CameraActions({ camera }: { camera: Camera }) {
  const { t } = useTranslation();
  const picture = useMutation({ mutationFn: () => askCamera(camera, 'snapshot') });
  const restart = useMutation({ mutationFn: () => askCamera(camera, 'restart-camera') });
  const file = picture.data?.file ?? null;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Button variant="default" mih={44} loading={picture.isPending} onClick={() => picture.mutate()}>
          {t('camera.picture')}
        </Button>
        <Button variant="default" mih={44} loading={restart.isPending} onClick={() => restart.mutate()}>
          {t('camera.restart')}
        </Button>
      </Group>
      <div aria-live="polite">
        {[picture, restart].map(({ data, error }, index) => {
          const problem = error ?? (data !== undefined && data.outcome !== 'done' ? data.detail : null);
          if (problem === null) return null;
          const words =
            problem instanceof ApiError && problem.status === 0
              ? t('error.unreachable')
              : problem instanceof Error
                ? problem.message
                : problem;
          return (
            <Text key={index} size="sm" c="red">
              {t('camera.commandFailed', { words })}
            </Text>
          );
        })}
        {restart.data?.outcome === 'done' && <Text size="sm">{t('camera.restarted')}</Text>}
      </div>
      {file !== null && (
        <Image
          src={`data:${file.contentType};base64,${file.data}`}
          alt={t('camera.pictureAlt', { name: camera.name })}
          data-testid="camera-picture"
        />
      )}
    </Stack>
  );
}
